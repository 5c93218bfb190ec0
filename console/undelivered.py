"""Why a message was not taken, and what to do, in words for the person who can mend it."""

from __future__ import annotations

from dataclasses import dataclass

from console.language import mark as N_
from records.message import Channel

CHANNELS = {Channel.SLACK: N_("Slack channel"), Channel.MAIL: N_("E-mail")}


@dataclass(frozen=True, slots=True)
class Why:
    reason: str
    advice: str


#: The signs that alerts/ leaves in a problem, and what they mean.
_BY_SIGN: tuple[tuple[tuple[str, ...], Why], ...] = (
    (
        ("there is no channel", "channel_not_found", "not_in_channel", "is_archived"),
        Why(
            N_("The Slack channel does not exist, is archived, or is closed to our app."),
            N_("Invite the app into the channel, or open the channel again."),
        ),
    ),
    (
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
        Why(
            N_("Slack does not accept the token of our app."),
            N_("Install the app again in Slack and put its new token into the file that slack.token_file names."),
        ),
    ),
    (
        ("certificate",),
        Why(
            N_("The certificate of the mail server is not valid."),
            N_("Check mail.host, or have the certificate renewed."),
        ),
    ),
    (
        ("does not offer",),
        Why(
            N_("The mail server does not offer the encryption or the log-in that the settings ask for."),
            N_("Check mail.port, mail.security and mail.user."),
        ),
    ),
    (
        ("SMTPAuthenticationError",),
        Why(
            N_("The mail server does not accept the user name or the password."),
            N_("Check mail.user and mail.password_file."),
        ),
    ),
    (
        ("(recipient)", "an address cannot be read"),
        Why(
            N_("The mail server does not take mail for this recipient."),
            N_("Have the mailbox opened, or correct the address in the settings: later messages go there."),
        ),
    ),
    (
        ("channel is configured",),
        Why(N_("This channel is not configured any more."), N_("Set it up again in tin3c.toml.")),
    ),
)
_OTHERWISE = Why(N_("The server refused the message."), N_("Run “tin3c doctor” to find what must be mended."))


def why(problem: str) -> Why:
    return next((found for signs, found in _BY_SIGN if any(sign in problem for sign in signs)), _OTHERWISE)
