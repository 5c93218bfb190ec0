"""Texts → vectors, by sentence-transformers. torch is imported when the first text comes, not before.

The same text gets the same bits in any company: every batch of a length has one shape, filled up where texts are
missing, so that the same kernels run on the same sizes whatever else is encoded (tests/models/test_encoder.py).
"""

from __future__ import annotations

import logging
import os
import platform
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.quotations import quotations
from records.errors import ModelMissing
from records.ports import DEEP
from records.text import PART, normalize

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from records.ports import Encoder

Precision = Literal["auto", "bfloat16", "float32"]

BUILTIN = "builtin"
BUILTIN_NAME = "e5-small"
#: Characters of a text that are read: more than MOST_TOKENS ever hold of Vietnamese.
MOST_CHARACTERS = 1_500
#: Longer texts are cut. 256 against 128 and 512: see docs/models/encoder.md.
MOST_TOKENS = 256
#: Tokens of the beginning, and of the end: a dozen words, about a sentence.
_END_TOKENS = 16
_LENGTHS = (32, 64, 96, 128, 192, MOST_TOKENS)
#: 1,024 is as fast on many texts and takes 1.7 times as long on seven.
_TOKENS_OF_A_BATCH = 512


def load_encoder(name: str, home: Path, precision: Precision = "auto") -> Encoder:
    """The encoder `name`: "builtin" (under `home`, built at need), or a sentence-transformers name or path.

    The built-in one's weights are loaded with the first text. Raises ModelMissing or ModelMismatch, then or now.
    """
    quiet_libraries()
    if precision == "auto":
        precision = "bfloat16" if has_bfloat16() else "float32"
    if name == BUILTIN:
        from models.builtin import BUILD, build_builtin

        folder = build_builtin(home / "models" / BUILTIN_NAME)
        return SentenceEncoder(str(folder), f"{BUILTIN_NAME}.{BUILD}", precision, dimensions=384, local=True)
    return SentenceEncoder(name, name.rstrip("/").rpartition("/")[2], precision, local=Path(name).exists())


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 by itself (AMX, AVX512-BF16, AVX10; SVE's on ARM)."""
    if platform.system() != "Linux":
        return False
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return False
    flags = {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.split()}
    return bool(flags & {"amx_bf16", "avx512_bf16", "avx10_1", "avx10_2", "bf16"})


def quiet_libraries() -> None:
    """To be called before torch is imported: no telemetry, no progress bars, and threads that wait without spinning.

    Nor the warning about the rebuilt tokenizer, whose output was checked.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads that spin while they wait for each other cost ten times the time where others use the processor too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    warnings.filterwarnings("ignore", message=".*regex pattern.*")
    for name in ("transformers", "sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """`parts`: the tokens of each part of the text."""

    ids: list[int]
    parts: tuple[Sequence[int], ...]


class _Seen(threading.local):
    """What a layer gave last, in this thread: (rows, tokens, dimensions)."""

    state: torch.Tensor

    def take(self, layer: object, given: object, state: torch.Tensor | tuple[torch.Tensor, ...]) -> None:
        self.state = state[0] if isinstance(state, tuple) else state


class SentenceEncoder:
    """The port `Encoder`. `family` is the version without the precision: what trained heads depend on."""

    def __init__(
        self, path: str, name: str, precision: Literal["bfloat16", "float32"], *, dimensions: int = 0, local: bool
    ) -> None:
        self.family = f"{name}-{MOST_TOKENS}"
        self.version = f"{self.family}-{precision}"
        self._path, self._precision, self._local = path, precision, local
        self._model: SentenceTransformer | None = None
        self._prefix = ""
        self._seen = _Seen()
        self._loading = threading.Lock()
        self.dimensions = dimensions or self._load().get_embedding_dimension() or 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimensions) float32, L2-normalised. The first 1,500 characters and 256 tokens of a text are read."""
        return self.encode_deep(texts)[:, : self.dimensions]

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, DEEP · dimensions): beside the vector stands the mean of the tokens' states two thirds of the way up, of
        length 1. What is said is nearer there; above it the encoder keeps what a text is about.

        Then what the text's beginning, its end, what it says itself and what it quotes have there, less that mean:
        nothing where the text has no such part. What stands before PART is of none of them."""
        model = self._load()
        vectors = np.zeros((len(texts), DEEP * self.dimensions), np.float32)
        tokens = self._tokens(texts) if len(texts) else []
        by_length: dict[int, list[int]] = {}
        for place, row in enumerate(tokens):
            by_length.setdefault(next(length for length in _LENGTHS if len(row.ids) <= length), []).append(place)
        for length, places in sorted(by_length.items()):
            size = _TOKENS_OF_A_BATCH // length
            for start in range(0, len(places), size):
                batch = places[start : start + size]
                vectors[batch] = self._forward(model, [tokens[place] for place in batch], length, size)
        return vectors

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,) float32. Questions are compared with texts of their own kind: no other prefix."""
        return np.asarray(self.encode([text])[0])

    def _tokens(self, texts: Sequence[str]) -> list[_Tokens]:
        model = self._load()
        under, own = zip(*map(_parted, texts), strict=True)
        starts = [len(self._prefix) + len(above) for above in under]
        read = [self._prefix + above + text for above, text in zip(under, own, strict=True)]
        # Without places, which only the slow tokenizers of some models lack, a text has no parts.
        placed = bool(getattr(model.tokenizer, "is_fast", False))
        given = model.tokenizer(read, truncation=True, max_length=MOST_TOKENS, return_offsets_mapping=placed)
        places = given["offset_mapping"] if placed else [[]] * len(read)
        return [
            _Tokens(ids, _parts(text, start, where))
            for text, start, ids, where in zip(read, starts, given["input_ids"], places, strict=True)
        ]

    def _forward(
        self, model: SentenceTransformer, tokens: list[_Tokens], length: int, size: int
    ) -> NDArray[np.float32]:
        import torch

        # A filling row is the first text again: a row without any token would divide by nothing.
        rows = tokens + [tokens[0]] * (size - len(tokens))
        ids = torch.full((size, length), model.tokenizer.pad_token_id or 0, dtype=torch.long)
        mask = torch.zeros((size, length), dtype=torch.long)
        for number, row in enumerate(rows):
            ids[number, : len(row.ids)] = torch.tensor(row.ids)
            mask[number, : len(row.ids)] = 1
        with torch.inference_mode():
            top = model({"input_ids": ids, "attention_mask": mask})["sentence_embedding"][: len(tokens)].float()
            inner = torch.stack(
                [_inner(state.float(), row) for state, row in zip(self._seen.state, tokens, strict=False)]
            )
            top = torch.nn.functional.normalize(top, dim=1)
        return np.asarray(torch.cat([top, inner], dim=1).numpy())

    def _load(self) -> SentenceTransformer:
        with self._loading:
            if self._model is None:
                self._model = self._loaded()
            return self._model

    def _loaded(self) -> SentenceTransformer:
        quiet_libraries()
        if self._local:
            os.environ["HF_HUB_OFFLINE"] = "1"
        import torch
        from sentence_transformers import SentenceTransformer

        options: dict[str, Any] = {"dtype": getattr(torch, self._precision)}
        try:
            model = SentenceTransformer(
                self._path, device="cpu", model_kwargs=options, local_files_only=self._local, trust_remote_code=False
            )
        except (OSError, ValueError) as error:
            raise ModelMissing(f"the encoder {self._path} cannot be loaded: {error}") from error
        model.eval()
        layers = next((part for part in model.modules() if isinstance(part, torch.nn.ModuleList)), None)
        if not layers:
            raise ModelMissing(f"the encoder {self._path} shows no layers to read from: set another as models.encoder")
        layers[len(layers) * 2 // 3 - 1].register_forward_hook(self._seen.take)
        self._prefix = _prefix(model.prompts, self._path)
        return model


def _parted(text: str) -> tuple[str, str]:
    """(what `text` stands under and a space, or nothing; itself), normalized, together of at most MOST_CHARACTERS."""
    under, _, own = text[: 2 * MOST_CHARACTERS].rpartition(PART)
    above = f"{normalize(under)[: MOST_CHARACTERS - 1]} ".lstrip()
    return above, normalize(own)[: MOST_CHARACTERS - len(above)]


def _parts(text: str, start: int, places: Sequence[tuple[int, int]]) -> tuple[Sequence[int], ...]:
    """The tokens of the beginning, of the end, of what is said and of what is quoted; none of `text` before `start`.

    What is said and what is quoted have tokens only where there are both. `places`: each token's in `text`.
    """
    # By where a token ends: the space before a word belongs to its first token.
    own = [token for token, (_, end) in enumerate(places) if end > start]
    quoted = [(start + first, start + end) for first, end in quotations(text[start:])]
    within = {token for token in own if any(first < places[token][1] <= end for first, end in quoted)}
    said = [token for token in own if token not in within]
    return own[:_END_TOKENS], own[-_END_TOKENS:], said if within else (), sorted(within) if said else ()


def _inner(state: torch.Tensor, row: _Tokens) -> torch.Tensor:
    """((DEEP - 1) · dimensions,): the mean of a text's tokens, of length 1, and how each part's differs from it."""
    import torch

    whole = torch.nn.functional.normalize(state[: len(row.ids)].mean(dim=0), dim=0)
    parts = [
        torch.nn.functional.normalize(state[list(part)].mean(dim=0), dim=0) - whole if part else torch.zeros_like(whole)
        for part in row.parts
    ]
    return torch.cat([whole, *parts])


def _prefix(prompts: Mapping[str, str | None], name: str) -> str:
    """What stands before every text. Assessing and narrating compare like with like: the query's prefix for all."""
    given = prompts.get("query") or prompts.get("classification") or prompts.get("clustering") or ""
    return given or ("query: " if "e5-" in name.casefold() else "")
