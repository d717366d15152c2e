"""How much may one request bring in files, whatever the page does with them?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

# What the other fields of a form and the frame around the files may take beside the files.
FRAME = 64 * 1024


class StopTooLarge(FileUploadHandler):
    """Keep nothing of a request whose files are too large together; the form can ask `was_too_large`."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Note before anything is read whether it is too much."""
        self.too_large = content_length > settings.IMPORT_MAX_BYTES + FRAME
        if self.too_large and self.request is not None:
            self.request.META["UPLOAD_TOO_LARGE"] = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Pass over the rest of a request that is too large, so that the browser hears the answer."""
        super().new_file(*args, **kwargs)
        if self.too_large:
            raise StopUpload(connection_reset=False)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the bytes to the handlers that keep them."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that keep them."""


def was_too_large(request: HttpRequest) -> bool:
    """Say whether the files of a request were passed over because they are too large together."""
    return bool(request.META.get("UPLOAD_TOO_LARGE"))
