"""Of allauth's pages only those that an instance without sign-up needs."""

from allauth.account import views
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.openid_connect import views as single_sign_on
from django.db.transaction import atomic
from django.urls import path
from django.views.generic import RedirectView

from apps.accounts.single_sign_on import begin

to_account = RedirectView.as_view(pattern_name="dashboard:account")
to_sign_in = RedirectView.as_view(pattern_name="account_login")

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("factor/", factors.authenticate, name="mfa_authenticate"),
    path("factor/confirm/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("factor/app/", atomic(totp.activate_totp), name="mfa_activate_totp"),
    path("factor/app/remove/", atomic(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "factor/codes/new/",
        atomic(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("passkey/confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkey/add/", atomic(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("passkey/<int:pk>/remove/", atomic(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("<str:provider_id>/login/", begin, name="openid_connect_login"),
    path(
        "<str:provider_id>/login/callback/",
        single_sign_on.callback,
        name="openid_connect_callback",
    ),
    path("cancelled/", to_sign_in, name="socialaccount_login_cancelled"),
    path("factors/", to_account, name="mfa_index"),
    path("passkeys/", to_account, name="mfa_list_webauthn"),
]
