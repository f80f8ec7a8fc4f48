"""The types of the rows of the sandbox's data, and the fixed lists of the service, such as its categories.

A `World` returns the rows, and `serializers` converts them to objects of the API. Times are Unix seconds in UTC. The
lists are categories, languages, sort orders of a search, and scopes of tokens. Source: `flattr/developers.flattr.net`,
content/api/resources/{categories,languages,things}.md; content/api/index.md, 'Create a application' (clients).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CATEGORIES: Mapping[str, str] = {
    "text": "Text",
    "images": "Images",
    "video": "Video",
    "audio": "Audio",
    "software": "Software",
    "people": "People",
    "rest": "Other",
}

LANGUAGES: Mapping[str, str] = {
    "en_GB": "English",
    "sq_AL": "Albanian",
    "ar_DZ": "Arabic",
    "be_BY": "Belarusian",
    "bg_BG": "Bulgarian",
    "ca_ES": "Catalan",
    "zh_CN": "Chinese",
    "hr_HR": "Croatian",
    "cs_CZ": "Czech",
    "da_DK": "Danish",
    "nl_NL": "Dutch",
    "et_EE": "Estonian",
    "fi_FI": "Finnish",
    "fr_FR": "French",
    "de_DE": "German",
    "el_GR": "Greek",
    "iw_IL": "Hebrew",
    "hi_IN": "Hindi",
    "hu_HU": "Hungarian",
    "is_IS": "Icelandic",
    "in_ID": "Indonesian",
    "ga_IE": "Irish",
    "it_IT": "Italian",
    "ja_JP": "Japanese",
    "ko_KR": "Korean",
    "lv_LV": "Latvian",
    "lt_LT": "Lithuanian",
    "mk_MK": "Macedonian",
    "ms_MY": "Malay",
    "mt_MT": "Maltese",
    "no_NO": "Norwegian",
    "pl_PL": "Polish",
    "pt_PT": "Portuguese",
    "ro_RO": "Romanian",
    "ru_RU": "Russian",
    "sr_RS": "Serbian",
    "sk_SK": "Slovak",
    "sl_SI": "Slovenian",
    "es_ES": "Spanish",
    "sv_SE": "Swedish",
    "th_TH": "Thai",
    "tr_TR": "Turkish",
    "uk_UA": "Ukrainian",
    "vi_VN": "Vietnamese",
}

SORTS = ("relevance", "trend", "flattrs", "flattrs_month", "flattrs_week", "flattrs_day")

SCOPES: Mapping[str, str] = {
    "flattr": "Flattr things and manage your subscriptions",
    "thing": "Create, update and delete your things",
    "email": "Read your email address",
    "extendedread": "Read your private attributes and find your hidden things",
}
"""The scopes that a client may request. content/api/index.md, 'Scopes'."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user of the sandbox."""

    id: int
    username: str
    firstname: str
    lastname: str
    url: str | None
    avatar: str
    about: str
    city: str
    country: str
    email: str
    registered_at: int
    active_supporter: bool
    hides_flattrs: bool
    budget: int
    """Number of flattrs that the user can still give before the service answers `no_means`."""


@dataclass(frozen=True, slots=True)
class ThingRow:
    """A thing, and its owner."""

    id: int
    url: str
    title: str
    description: str
    tags: tuple[str, ...]
    language: str
    category: str
    created_at: int
    updated_at: int
    """When the thing was last updated; 0 means never."""
    hidden: bool
    image: str
    flattrs: int
    flattrs_user_count: int
    last_flattr_at: int
    """When the thing was last flattred; 0 means never."""
    owner: UserRow


@dataclass(frozen=True, slots=True)
class FlattrRow:
    """One flattr, which a user gave to a thing."""

    id: int
    thing: ThingRow
    owner: UserRow
    """The user who gave the flattr."""
    created_at: int


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A user's subscription to a thing, which gives the thing a flattr each month."""

    thing: ThingRow
    active: bool
    created_at: int
    started_at: int
    """When the subscription was last resumed; if it never was, when it was created."""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """Something that a user did, for an activity stream."""

    id: int
    kind: str
    """`flattr`, `thing` (the actor added a thing) or `subscription`."""
    actor: UserRow
    thing: ThingRow
    published: int


@dataclass(frozen=True, slots=True)
class ThingSearch:
    """The parameters of a search for things. Empty ones do not filter."""

    query: str = ""
    url: str = ""
    tags: str = ""
    """A boolean expression in Flattr's tag language."""
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    user: str = ""
    sort: str = "relevance"
    """`relevance`, `trend`, `flattrs`, `flattrs_month`, `flattrs_week` or `flattrs_day`."""


@dataclass(frozen=True, slots=True)
class ThingDraft:
    """The fields of a thing to create or change.

    None leaves a field as it is; in a new thing, the field then has its default.
    """

    url: str | None = None
    title: str | None = None
    description: str | None = None
    category: str | None = None
    language: str | None = None
    tags: tuple[str, ...] | None = None
    hidden: bool | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, with its user, and the client that may act for this user."""

    token: str
    username: str
    client_id: str
    scopes: frozenset[str] = field(default_factory=frozenset)


class Refused(Exception):
    """Raised if the rules of the service refuse a request. `code` is Flattr's error code, such as `flattr_once`."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STEP, _START, _SHORTS = 387_420_489, 19_770_525, 62**6


def short_id(number: int) -> str:
    """Return the public id of the user with this number. Like the service's ids, it has six letters and digits."""
    value = (number * _STEP + _START) % _SHORTS
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = _DIGITS[digit] + digits
    return digits


def user_number(public_id: str) -> int | None:
    """Return the number of the user with this public id; None if no user can have such an id."""
    if len(public_id) != 6 or any(char not in _DIGITS for char in public_id):
        return None
    value = 0
    for char in public_id:
        value = value * 62 + _DIGITS.index(char)
    return (value - _START) * pow(_STEP, -1, _SHORTS) % _SHORTS


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client: a program that may ask users for access.

    `callback` is the address to which the browser is sent if a request has no `redirect_uri`; "" if there is none.
    """

    client_id: str
    secret: str
    callback: str = ""

    @classmethod
    def parse(cls, text: str) -> "Credentials":
        """Return the client described as `id:secret` or `id:secret:callback`.

        Raises ValueError for other texts. Its message is a sentence for the user.
        """
        client_id, colon, rest = text.partition(":")
        secret, _, callback = rest.partition(":")
        if not client_id or not colon or not secret:
            raise ValueError(f"A client is written ID:SECRET or ID:SECRET:CALLBACK, not {text!r}.")
        return cls(client_id, secret, callback)


BUILT_IN: Final = Credentials("flattr-tui", "sandbox")
"""The client that every sandbox accepts."""
