# SPDX-License-Identifier: Apache-2.0
"""Reads texts from files of records and chooses some with a wanted mean length."""
import json
import random

NO_TEXT = {"role", "from", "type", "task", "id", "label"}  # keys whose strings are no part of a record's text


def strings(value):
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() if key not in NO_TEXT for text in strings(item)]
    return []


def read_texts(path):
    """One text a record: a JSON array (.json), a JSON record a line (.jsonl) or a plain text a line (anything else)."""
    with open(path, encoding="utf-8") as file:
        if path.endswith(".json"):
            records = json.load(file)
        else:
            lines = [line for line in file if line.strip()]
            parse = json.loads if path.endswith(".jsonl") else str.strip
            records = [parse(line) for line in lines]
    texts = ["\n".join(strings(record)) for record in records]
    return [text for text in texts if text]


def choose(texts, lengths, number, mean, seed):
    """Draws texts in random order, leaving out those that would pull the mean length away from the wanted one."""
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    chosen, total = [], 0
    for index in order:
        if len(chosen) == number:
            break
        before = abs(total / len(chosen) - mean) if chosen else mean
        after = abs((total + lengths[index]) / (len(chosen) + 1) - mean)
        if after <= max(before, 0.01 * mean):
            chosen.append(index)
            total += lengths[index]
    if len(chosen) < number:
        raise SystemExit(f"only {len(chosen)} of {number} texts with a mean of {mean} tokens: give more files, or "
                         "a lower --count")
    return [texts[index] for index in chosen]


def choose_from_files(arguments, tokenizer, wanted=lambda length: True):
    """Texts of the files in `arguments.texts` (rounds.parser_for) whose lengths in tokens are wanted, and their mean length."""
    found = [text for path in arguments.texts for text in read_texts(path)]
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(found)]
    pairs = [pair for pair in zip(found, lengths) if wanted(pair[1])]
    chosen = choose([text for text, _ in pairs], [length for _, length in pairs], arguments.count, arguments.mean_tokens, arguments.seed)
    return chosen, sum(len(encoding.ids) for encoding in tokenizer.encode_batch(chosen)) / len(chosen)


def write_texts(path, texts):
    with open(path, "w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
