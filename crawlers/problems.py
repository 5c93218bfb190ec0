"""What went wrong on the way, in words that a person can read."""

from __future__ import annotations

from scrapy import exceptions


def describe(error: BaseException) -> str:
    """One clause on why an address could not be had. Never the body of an answer."""
    match error:
        case exceptions.DownloadTimeoutError():
            return "it took too long"
        case exceptions.DownloadConnectionRefusedError():
            return "the connection was refused"
        case exceptions.CannotResolveHostError():
            return "the host's name is unknown"
        case exceptions.ResponseDataLossError():
            return "the connection was cut in the middle"
        case exceptions.DownloadCancelledError():
            return "it is larger than the limit"
        case exceptions.IgnoreRequest() if "DOWNLOAD_MAXSIZE" in str(error):
            return "it unpacks to more than the limit"
        case exceptions.IgnoreRequest() if "max redirections" in str(error):
            return "it redirects too often"
        case exceptions.IgnoreRequest():
            return str(error)
        case exceptions.DownloadFailedError():
            return "the connection failed"
        case OSError() | ValueError():
            return f"it could not be read ({type(error).__name__})"
        case _:
            return f"the connection failed ({type(error).__name__})"


def is_too_large(error: BaseException) -> bool:
    return isinstance(error, exceptions.DownloadCancelledError) or (
        isinstance(error, exceptions.IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)
    )


#: There was nobody to ask.
OUT_OF_REACH_ERRORS = (exceptions.DownloadConnectionRefusedError, exceptions.CannotResolveHostError)
#: What may well go better in a moment.
TRANSIENT_ERRORS = (
    exceptions.DownloadTimeoutError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.ResponseDataLossError,
    exceptions.CannotResolveHostError,
)
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
