"""Texts → health probability, by the first filter."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.measuring import corpus, newspaper_mix, run


def _texts(quick: bool) -> list[str]:
    return [f"{title}. {text}" for title, text in newspaper_mix(500 if quick else 5_000)]


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.features import ngrams
    from models.heads import HeadSet
    from models.training import SHIPPED, load_heads, load_idf

    idf = load_idf(SHIPPED)
    heads = HeadSet(load_heads(None, ["filter"]), "")
    texts = _texts(quick)

    def score(batch: list[str]) -> object:
        return heads.probabilities({"whole": ngrams(batch, idf)}, None)

    score(texts[:8])
    return len(texts), lambda: [score(texts[at : at + 256]) for at in range(0, len(texts), 256)]


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    rows = corpus()
    plain = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(max_iter=200),
    ).fit([f"{row['title']}. {row['text']}" for row in rows], [bool(row["health"]) for row in rows])
    texts = _texts(quick)
    return len(texts), lambda: plain.predict_proba(texts)


if __name__ == "__main__":
    run({"ours": ("", _ours), "plain": ("scikit-learn: TF-IDF of words and characters", _plain)}, "documents/s")
