#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes models/: tiny model folders with random weights, and what transformers computes from them.

models/README.md says what is in them, and which versions of torch, transformers and sentence-transformers this needs.
Run it from anywhere: python3 tests/golden/make_model_goldens.py [FOLDER]
"""
import dataclasses
import os
import pathlib
import shutil
import sys

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch

from model_goldens import folders, reference
from model_goldens.recipes import RECIPES
from model_goldens.tokenizer_kinds import write_tokenizers

FOLDER = pathlib.Path(__file__).resolve().parent / "models"


def completed(recipe, known):
    """With what a folder without weights of its own takes from its base."""
    if not recipe.base:
        return dataclasses.replace(recipe, max_length=recipe.max_length or 64)
    base = known[recipe.base]
    return dataclasses.replace(recipe, task=base.task, tokenizer=base.tokenizer, max_length=base.max_length)


def compare(recipe, values, all_values):
    if recipe.same_as:
        difference = reference.greatest_difference(values, all_values[recipe.same_as])
        assert difference < 1e-6, f"{recipe.name} is not {recipe.same_as}: {difference}"
    if recipe.unlike:
        both = zip(values, all_values[recipe.unlike])  # embeddings may differ in length
        pairs = [(mine[:len(theirs)], theirs[:len(mine)]) for mine, theirs in both if mine is not None]
        difference = reference.greatest_difference(*zip(*pairs))
        print(f"    differs from {recipe.unlike} by {difference:.2g}")
        assert difference > reference.VISIBLE


def main():
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    torch.set_num_threads(1)
    for old in [*(target / recipe.name for recipe in RECIPES), target / "tokenizers"]:
        shutil.rmtree(old, ignore_errors=True)
    target.mkdir(exist_ok=True)
    write_tokenizers(target / "tokenizers")
    known, all_values = {}, {}
    for recipe in RECIPES:
        print(recipe.name)
        recipe = known[recipe.name] = completed(recipe, known)
        folder = folders.write_folder(target, recipe)
        expected, all_values[recipe.name] = reference.compute(folder, recipe)
        compare(recipe, all_values[recipe.name], all_values)
        reference.write_expected(folder, expected)


if __name__ == "__main__":
    main()
