"""The nearest versions of what was written for another Python."""

from __future__ import annotations

from stepwell_runner.environments.near import lower_bounds, nearest

WANTED = ("scikit-learn==0.20.3", "Pandas ~= 1.0.1", "scipy==1.4.*", "joblib", "spacy[lookups]==2.2; sys_platform == 'linux'", "a>=1,<2",
          "--extra-index-url https://example.org/simple")  # fmt: skip


def test_exact_versions_become_lower_bounds_and_the_rest_is_free() -> None:
    assert lower_bounds(WANTED) == ["scikit-learn>=0.20.3", "Pandas>=1.0.1", "scipy>=1.4", "spacy[lookups]>=2.2; sys_platform == 'linux'",
                                    "--extra-index-url https://example.org/simple"]  # fmt: skip


def test_exact_versions_are_replaced_by_those_that_were_found() -> None:
    found = nearest(WANTED, "numpy==1.26.4\nscikit-learn==1.1.3\npandas==1.5.0\nscipy==1.9.2\nspacy==3.0\n")
    assert found == ["scikit-learn==1.1.3", "Pandas==1.5.0", "scipy==1.9.2", "joblib", "spacy[lookups]==3.0; sys_platform == 'linux'",
                     *WANTED[5:]]  # fmt: skip
