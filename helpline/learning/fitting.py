"""The weights of triage's statistical helper from labelled texts: the same from the same texts.

scikit-learn is needed here and nowhere else (the dependency group `learn`): the service reads the
weights as whole numbers from a text file.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from helpline.evaluation.sets import TextSet
from helpline.learning import texts
from triage import assessment, likeness
from triage.likeness import UNIT, Likeness

_ITERATIONS = 3000


def trained(sets: Sequence[TextSet]) -> dict[str, int]:
    """The weight of each feature in thousandths; the empty feature is where every score begins.

    Logistic regression on whether a feature stands in a text, the rarer the feature the freer its
    weight; both labels weigh the same in all.
    """
    rows = [row for each in texts.usable(sets) for row in texts.rows(each)]
    fit = texts.table()["fit"]
    counts = CountVectorizer(analyzer=_features, binary=True, min_df=fit["fewest_texts"])
    seen = counts.fit_transform([row.text for row in rows]).astype(float)
    within = np.asarray(seen.sum(axis=0)).ravel()
    rarity = np.log(seen.shape[0] / within)
    model = LogisticRegression(C=fit["strength"], max_iter=_ITERATIONS, class_weight="balanced")
    model.fit(seen.multiply(rarity).tocsr(), [row.is_positive for row in rows])
    weights = np.rint(model.coef_[0] * rarity * UNIT).astype(int)
    names = counts.get_feature_names_out()
    # Those that move most texts furthest; of equals, by name, so that it is the same every time.
    order = sorted(
        range(len(names)), key=lambda at: (-abs(weights[at]) * within[at] ** 0.5, names[at])
    )
    kept = {str(names[at]): int(weights[at]) for at in order[: fit["kept"]] if weights[at]}
    return {"": round(float(model.intercept_[0]) * UNIT), **dict(sorted(kept.items()))}


def helper(weights: Mapping[str, int], *, threshold: int, word_cost: int = 0) -> Likeness:
    """The helper with these weights."""
    others = {feature: weight for feature, weight in weights.items() if feature}
    return Likeness(others, start=weights[""], threshold=threshold, word_cost=word_cost)


def _features(text: str) -> list[str]:
    return list(likeness.features(assessment.plain(text).words.split()))
