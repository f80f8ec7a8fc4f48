"""Renames the owner of imported revenue reports and exports of the browser extension, which do not name their owner."""

import msgspec

from flattr_tui.library.import_export.browser_extension_file import EXPORTED
from flattr_tui.library.import_export.revenue_report_import import report_request
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import SourceKind
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.responses_database import StepProgress
from flattr_tui.store.stored_response import StoredResponse, content_digest


def rename_owner(responses: ResponseStore, catalogue: Catalogue, old: str, new: str, progress: StepProgress) -> int:
    """Rename the owner `old` of revenue reports and extension exports to `new`, and rebuild the catalogue.

    Returns the number of stored responses that were changed. After an interruption nothing is lost, and a second call
    continues. Raises `StoreError` if the store can't be written.
    """
    last, done = responses.last_sequence(), []
    for stored in responses.iter_responses(0, last):
        renamed = _renamed(stored, old, new)
        if renamed is not None and renamed != stored:
            kept = responses.latest(renamed.response_key)
            if kept is None or content_digest(kept) != content_digest(renamed):
                responses.import_response(renamed)
            done.append(stored.sequence)
        progress("renaming", stored.sequence, last)
    if done:
        responses.sync_files()
        responses.delete_responses(done, lambda number, of: progress("renaming", number, of))
        catalogue.rebuild(lambda number, of: progress("rebuilding the catalogue", number, of))
    return len(done)


def _renamed(stored: StoredResponse, old: str, new: str) -> StoredResponse | None:
    if stored.source != SourceKind.SAVED:
        return None
    request = stored.request
    if stored.response_kind is ResponseKind.REVENUE and request.get("owner").casefold() == old.casefold():
        request = report_request(new, request.get("month"), stored.body)
        return msgspec.structs.replace(stored, request=request)
    if stored.url == EXPORTED and request.get("username").casefold() == old.casefold():
        flattrs = msgspec.json.decode(stored.body)
        for flattr in flattrs:
            flattr["owner"] = {"type": "user", "username": new}
        request = ApiRequest.of(request.method, dict(request.arguments), username=new)
        return msgspec.structs.replace(stored, request=request, body=msgspec.json.encode(flattrs))
    return None
