"""Trains a network with one hidden layer, on a GPU where CuPy finds one, else on the processor. Both run the same lines."""

import argparse
from pathlib import Path

import numpy

from stepwell import Run


def device():
    """The module that computes, and where."""
    try:
        import cupy

        cupy.zeros(1)
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    except Exception as error:  # no CuPy, no driver, no device: each says it in its own way
        return numpy, f"the processor ({type(error).__name__}: {error})".splitlines()[0][:120]
    return cupy, name


def forward(xp, pictures, weights):
    """The hidden layer, and how likely each picture is each digit."""
    hidden = xp.maximum(pictures @ weights["in"] + weights["in_bias"], 0)
    scores = hidden @ weights["out"] + weights["out_bias"]
    scores = xp.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, scores / scores.sum(axis=1, keepdims=True)


def step(xp, pictures, labels, weights, speed, rate):
    """One step down the slope, with momentum; the loss before it."""
    hidden, likely = forward(xp, pictures, weights)
    rows = xp.arange(len(labels))
    loss = float(-xp.log(likely[rows, labels] + 1e-9).mean())
    likely[rows, labels] -= 1
    likely /= len(labels)
    back = (likely @ weights["out"].T) * (hidden > 0)
    slopes = {"out": hidden.T @ likely, "out_bias": likely.sum(axis=0), "in": pictures.T @ back, "in_bias": back.sum(axis=0)}
    for name, slope in slopes.items():
        speed[name] = 0.9 * speed[name] - rate * slope
        weights[name] += speed[name]
    return loss


def main():
    """Train and keep the network."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    xp, where = device()
    run = Run.get_context()
    run.tag("device", where)
    print("training on", where)

    chance = numpy.random.default_rng(7)
    pictures, labels = numpy.load(args.data / "learn.npy"), numpy.load(args.data / "learn_labels.npy")
    shapes = {"in": (pictures.shape[1], args.hidden), "in_bias": (args.hidden,), "out": (args.hidden, 10), "out_bias": (10,)}
    weights = {name: xp.asarray((chance.normal(0, 0.1, shape) * (len(shape) > 1)).astype("float32")) for name, shape in shapes.items()}
    speed = {name: xp.zeros_like(value) for name, value in weights.items()}
    for epoch in range(args.epochs):
        order = chance.permutation(len(labels))
        batches = [order[start : start + 64] for start in range(0, len(order), 64)]
        losses = [step(xp, xp.asarray(pictures[batch]), xp.asarray(labels[batch]), weights, speed, 0.1) for batch in batches]
        run.log("loss", sum(losses) / len(losses))
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {losses[-1]:.4f}")

    args.out.mkdir(parents=True, exist_ok=True)
    for name, value in weights.items():
        numpy.save(args.out / f"{name}.npy", value if xp is numpy else xp.asnumpy(value))


if __name__ == "__main__":
    main()
