"""Takes the pictures of digits that scikit-learn ships, scales them, and splits them into some to learn from and some to test with."""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

TEST_SHARE = 0.25

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, required=True)
out = parser.parse_args().out
out.mkdir(parents=True, exist_ok=True)

digits = load_digits()
pictures = (digits.data / 16.0).astype(np.float32)
learn, test, learn_labels, test_labels = train_test_split(
    pictures, digits.target, test_size=TEST_SHARE, random_state=7, stratify=digits.target
)
for name, array in {"learn": learn, "learn_labels": learn_labels, "test": test, "test_labels": test_labels}.items():
    np.save(out / f"{name}.npy", array)
print(f"{len(learn)} pictures to learn from, {len(test)} to test with")
