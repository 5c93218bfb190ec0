"""One model over n-grams and nearness to landmarks together: kernel ridge regression, solved once for all classes.

Both parts learn at the same time what the other leaves open; a mix of two that were learnt apart is worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

#: Chosen out of fold, of kind, stance and harm on 10,196 items and of topic on 9,133: all are better by .003 to .006
#: than at 0.3; topic is worse at 0.1. Other widths of the kernel gave the same within .01.
_STRENGTH = 1.0
_JITTER = 1e-3
#: Rows whose products are made or copied at once: of all rows they would be a gigabyte more.
_AT_ONCE = 512
#: Scores about as wide as those of the linear models, so that a mix begins near its end.
_WIDTH = 6.0


@dataclass(frozen=True)
class Nearby:
    """Of n rows and m landmarks: `near` (n, m), `among` (m, m), the landmarks' groups; `gram` (n, n) of the n-grams."""

    near: NDArray[np.float32]
    among: NDArray[np.float32]
    groups: NDArray[np.str_]
    gram: NDArray[np.float32]


@dataclass(frozen=True)
class Joint:
    """`ngrams` (BUCKETS, c), `near` (m, c) and `bias` (c,): scores of both parts, to be added."""

    ngrams: NDArray[np.float32]
    near: NDArray[np.float32]
    bias: Floats

    def scores(self, ngrams: sparse.csr_matrix, near: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """(n, c) each; the bias is in the second."""
        return np.asarray(ngrams @ self.ngrams, np.float64), np.asarray(near @ self.near, np.float64) + self.bias


def gram(ngrams: sparse.csr_matrix) -> NDArray[np.float32]:
    """(n, n) of n rows' products. Hardly any is nothing: whole and sparse they would take twice what they do here."""
    products = np.empty((ngrams.shape[0], ngrams.shape[0]), np.float32)
    for start in range(0, len(products), _AT_ONCE):
        few = slice(start, start + _AT_ONCE)
        products[few] = (ngrams[few] @ ngrams.T).toarray()
    return products


def solve(
    nearby: Nearby,
    ngrams: sparse.csr_matrix,
    wanted: NDArray[np.bool_],
    weights: Floats,
    rows: Places,
    groups: NDArray[np.str_],
) -> Joint:
    """The model learnt from `rows`; landmarks of groups that none of them belongs to are left out.

    `wanted` (n, c): what is right. Rows of rare classes weigh more, by the root of their rarity.
    """
    from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

    here = np.flatnonzero(np.isin(nearby.groups, np.unique(groups[rows])))
    lower = cholesky(nearby.among[np.ix_(here, here)] + _JITTER * np.eye(len(here), dtype=np.float32), lower=True)
    spread = solve_triangular(lower, nearby.near[np.ix_(rows, here)].T, lower=True).T.astype(np.float32)
    truth = wanted[rows].astype(np.float64)
    shares = _balanced(truth, weights[rows])
    matrix = spread @ spread.T
    for start in range(0, len(rows), _AT_ONCE):
        few = slice(start, start + _AT_ONCE)
        matrix[few] += nearby.gram[np.ix_(rows[few], rows)]
    matrix[np.diag_indices(len(rows))] += (_STRENGTH / shares).astype(np.float32)
    middle = truth.mean(axis=0)
    # Symmetric: transposed it is the same, and as LAPACK lays it out, so that nothing of its gigabyte is copied.
    factor = cho_factor(matrix.T, overwrite_a=True, check_finite=False)
    duals = cho_solve(factor, (truth - middle).astype(np.float32), check_finite=False) * _WIDTH
    near = np.zeros((len(nearby.groups), truth.shape[1]), np.float32)
    near[here] = solve_triangular(lower, spread.T @ duals, lower=True, trans="T")
    return Joint(np.asarray(ngrams[rows].T @ duals, np.float32), near, middle * _WIDTH)


def _balanced(truth: Floats, weights: Floats) -> Floats:
    """(n,): each row's weight by the root of how rare its class is; of a yes-or-no head, yes and no are classes."""
    classes = np.hstack([truth, 1 - truth]) if truth.shape[1] == 1 else truth
    total = np.maximum(weights @ classes, 1e-9)
    rarity = len(weights) / (classes.shape[1] * total)
    return np.asarray(weights * np.sqrt(classes @ rarity))
