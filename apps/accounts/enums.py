from enum import StrEnum


class Factor(StrEnum):
    """By what an operator can prove who they are, besides the password. Allauth's words."""

    TOTP = "totp"
    WEBAUTHN = "webauthn"
    RECOVERY_CODES = "recovery_codes"
    SINGLE_SIGN_ON = "single_sign_on"
