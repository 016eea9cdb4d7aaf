"""Passwords of tests, hashed in no time. Every server can check them: the rounds stand in the hash."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1
