#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the tiny language model of this folder, and measures it on text that it has not seen.

    train.py --data FILES... --output DIR [--bf16]

Reads .json, .jsonl and .txt files of the usual instruction schemas. Needs torch, tokenizers and transformers; one processor core and
under an hour are enough. The same files, options and versions give the same model on the same kind of processor.
"""

import argparse
import copy
import json
import math
import random
import re
import string
import time
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

END, TURN, TURN_END = SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ROLES = {"human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}
BATCH = 4096  # tokens in a step
LENGTH = 512  # longest sequence; most of the training sees halves of it, which is cheaper


def text_of(value):
    """A field as text: strings, lists of strings or of typed parts, nothing."""
    if isinstance(value, list):
        return "\n".join(text_of(part.get("text") if isinstance(part, dict) else part) for part in value)
    return str(value).strip() if value else ""


def first(record, *keys):
    return next((text for key in keys if (text := text_of(record.get(key)))), "")


def turns_of(record):
    """A record as (role, text) pairs; plain text has no role."""
    if "text" in record:
        return [(None, text_of(record["text"]))]
    for key in ("messages", "conversations"):
        if key in record:
            turns = [(m.get("role") or m.get("from"), text_of(m.get("content") or m.get("value"))) for m in record[key]]
            return [(ROLES.get(role, role), text) for role, text in turns if text]
    asked = [first(record, "passage"), first(record, "instruction", "prompt", "question"), first(record, "input", "options")]
    return [("user", "\n".join(filter(None, asked))), ("assistant", first(record, "output", "completion", "response", "answer", "label"))]


def records_of(path):
    text = path.read_text(encoding="utf-8").replace(END, "")
    if path.suffix == ".txt":
        return [{"text": line} for line in text.split("\n") if line]
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line]


def plain(turns):
    return "\n".join(text for _, text in turns if text)


def as_chat(turns):
    return "".join(f"{TURN}{role}\n{text}{TURN_END}\n" for role, text in turns)


def read_documents(paths, cap, rng):
    """Different documents as lists of turns: of each file as many, drawn at random, as make up `cap` bytes."""
    documents, seen = [], set()
    for path in paths:
        records, size, count = records_of(path), 0, 0
        rng.shuffle(records)
        for turns in map(turns_of, records):
            text = plain(turns)
            if size < cap and text and text not in seen:
                seen.add(text)
                documents.append(turns)
                size, count = size + len(text.encode()), count + 1
        print(f"{path.name}: {count} documents, {size:,} bytes", flush=True)
    rng.shuffle(documents)
    return documents


def train_tokenizer(texts, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL_TOKENS, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END, pad_token=END, model_max_length=LENGTH,
                                   chat_template=CHAT_TEMPLATE, clean_up_tokenization_spaces=False)


def new_model(vocabulary):
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=vocabulary, hidden_size=192, intermediate_size=512, num_hidden_layers=6, num_attention_heads=6,
        num_key_value_heads=2, max_position_embeddings=LENGTH, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0))


def save(model, tokenizer, folder):
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tokenizer.save_pretrained(folder, save_jinja_files=False)  # the chat template goes into tokenizer_config.json
    settings = folder / "tokenizer_config.json"  # with the class's name that every release of transformers knows
    settings.write_text(settings.read_text().replace("TokenizersBackend", "PreTrainedTokenizerFast"))


def batches(tokens, size, rng):
    """Endless batches of sequences in random order; each round cuts the token stream at another place."""
    while True:
        shifted = tokens[rng.randrange(LENGTH):]
        sequences = shifted[: len(shifted) // LENGTH * LENGTH].view(-1, LENGTH)
        order = torch.tensor(rng.sample(range(len(sequences)), len(sequences)))
        for chosen in order.split(size // LENGTH):
            yield sequences[chosen]


def train(model, tokenizer, tokens, held_out, options):
    groups = [{"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.1},
              {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(
        (step + 1) / max(1, options.steps // 30), 0.05 + 0.95 * (1 + math.cos(math.pi * step / options.steps)) / 2))
    source = batches(tokens, BATCH, random.Random(options.seed + bool(options.start)))
    begin, losses = time.time(), []
    model.train()
    for step in range(1, options.steps + 1):
        batch = next(source)
        if step <= options.steps * (1 - options.long):
            batch = batch.reshape(-1, LENGTH // 2)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            loss = model(input_ids=batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step % 20 == 0:
            print(f"step {step}: loss {sum(losses[-20:]) / 20:.3f}, {time.time() - begin:.0f} s", flush=True)
        if step % 200 == 0:
            held_loss, _, count, _ = measure(model, tokenizer, held_out)
            print(f"step {step}: loss {held_loss / count:.3f} on held-out text", flush=True)
            save(model, tokenizer, options.output)


@torch.no_grad()
def measure(model, tokenizer, texts, log_frequency=None):
    """Loss in nats of the first LENGTH - 1 tokens of each text under the model and under the tokens' frequencies; tokens; bytes."""
    model.eval()
    loss = unigram = count = size = 0
    for text in texts:
        ids = tokenizer.encode(text)[: LENGTH - 1]
        batch = torch.tensor([[tokenizer.eos_token_id, *ids]])
        loss += model(input_ids=batch, labels=batch).loss.item() * len(ids)
        unigram -= log_frequency[ids].sum().item() if log_frequency is not None else 0
        count += len(ids)
        size += sum(map(len, tokenizer.convert_ids_to_tokens(ids)))  # a character of a token stands for a byte
    model.train()
    return loss, unigram, count, size


def shuffled(text, rng):
    words = re.findall(r"[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+", text)
    return "".join(rng.sample(words, len(words)))


def gibberish(text, rng):
    return "".join(rng.choice(string.ascii_letters + string.digits + string.punctuation + " ") for _ in text)


def report(folder, tokens, texts, rng):
    """Perplexity a token and bits a byte of the saved model, and of a unigram model, on held-out text and on the same text spoilt."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    log_frequency = (torch.bincount(tokens, minlength=len(tokenizer)) + 1).double().div(len(tokens) + len(tokenizer)).log()
    texts = [text[:4000] for text in texts]
    for name, change in {"real text": lambda text, _: text, "words shuffled": shuffled, "gibberish": gibberish}.items():
        *losses, count, size = measure(model, tokenizer, [change(text, rng) for text in texts], log_frequency)
        for kind, loss in zip(("model", "unigram"), losses):
            print(f"{name}, {kind}: perplexity {math.exp(loss / count):.1f}, {loss / size / math.log(2):.2f} bits a byte, {count} tokens")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="go on from the model that an earlier run saved here; with --steps 0 only measure it")
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--long", type=float, default=0.2, help=f"share of the steps, the last ones, with sequences of {LENGTH} tokens")
    parser.add_argument("--cap", type=int, default=3_000_000, help="bytes taken of a file at most")
    parser.add_argument("--bf16", action="store_true", help="multiply in bfloat16: faster where the processor has it")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)

    documents = read_documents(options.data, options.cap, rng)
    held = len(documents) // 50  # 2 %
    held_out = [plain(turns) for turns in documents[:held]]
    # Half of the conversations are shown with the markers of the chat template, half as plain text.
    texts = [as_chat(turns) if turns[0][0] and rng.random() < 0.5 else plain(turns) for turns in documents[held:]]
    if options.start:
        tokenizer = AutoTokenizer.from_pretrained(options.start)
        model = AutoModelForCausalLM.from_pretrained(options.start, dtype=torch.float32)
    else:
        tokenizer = train_tokenizer((plain(turns) for turns in documents[held:]), 4096)
        model = new_model(len(tokenizer))
    tokens = torch.tensor([i for text in texts for i in (tokenizer.eos_token_id, *tokenizer.encode(text))])
    print(f"{len(tokens):,} training tokens, {held} documents held out, {model.num_parameters():,} parameters", flush=True)

    if options.steps:
        train(model, tokenizer, tokens, held_out[:60], options)
    save(model, tokenizer, options.output)
    report(options.output, tokens, held_out, rng)


if __name__ == "__main__":
    main()
