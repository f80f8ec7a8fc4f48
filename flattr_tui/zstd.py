"""zstd (RFC 8878): Python's own module from 3.14 on, before that `backports.zstd`, which is the same code."""

import sys

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdDict, ZstdError, compress
else:
    from backports.zstd import ZstdDecompressor, ZstdDict, ZstdError, compress

__all__ = ["ZstdDecompressor", "ZstdDict", "ZstdError", "compress"]
