# SPDX-License-Identifier: Apache-2.0
"""Writes the folders: random weights, configuration, links to shared files, the files of sentence-transformers."""
import json
import os
import shutil
import types
import zlib

import numpy as np
import torch
import transformers as hf
from safetensors.torch import load_file, save_file

TASKS = {"encode": hf.AutoModel, "causal": hf.AutoModelForCausalLM, "classify": hf.AutoModelForSequenceClassification}


class PlainHead(torch.nn.Module):
    """The classifiers of NVIDIA's data curation (nvidia/quality-classifier-deberta, the code in its model card): one
    linear layer on the first token's last hidden state, without a pooler."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        config._attn_implementation = "eager"
        self.model = hf.AutoModel.from_config(config)
        self.fc = torch.nn.Linear(config.hidden_size, len(config.id2label))

    def forward(self, **inputs):
        return types.SimpleNamespace(logits=self.fc(self.model(**inputs).last_hidden_state)[:, 0, :])


def load(folder, task, **changes):
    """In float32 and with plain attention, whatever the folder says."""
    config = hf.AutoConfig.from_pretrained(folder)
    for key, value in changes.items():
        setattr(config, key, value)
    if task == "classify" and "fc.weight" in (tensors := load_file((folder / "model.safetensors").resolve())):
        model = PlainHead(config)
        model.load_state_dict(tensors)
        return model.eval()
    model = TASKS[task].from_pretrained(folder, config=config, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def link(path, target):
    path.symlink_to(os.path.relpath(target, path.parent))


def randomize(model, name):
    """The legacy generator, whose numbers NumPy never changes; a tensor's values hang on its name only."""
    for key, tensor in model.named_parameters():
        random = np.random.RandomState(zlib.crc32(f"{name} {key}".encode()))
        values = torch.from_numpy(random.standard_normal(tuple(tensor.shape)).astype(np.float32))
        is_norm = tensor.ndim == 1 and key.endswith("weight")
        spread = 0.5 if "embed" in key or key.endswith(("wte.weight", "wpe.weight")) else 0.25
        with torch.no_grad():
            tensor.copy_(1 + 0.3 * values if is_norm else spread * values)


def write_new_weights(folder, recipe):
    config = recipe.config()
    config._attn_implementation = "eager"
    if recipe.plain_head:
        model = PlainHead(config)
        randomize(model, recipe.name)
        config.save_pretrained(folder)
        save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
        return
    model = TASKS[recipe.task].from_config(config)
    randomize(model, recipe.name)
    model.save_pretrained(folder, max_shard_size=recipe.shard_size or "1GB")
    if recipe.rename:
        path = folder / "model.safetensors"
        tensors = {recipe.rename(key): tensor for key, tensor in load_file(path).items()}
        save_file(tensors, path, metadata={"format": "pt"})


def write_weights_of_base(folder, recipe, base):
    shutil.copyfile(base / "config.json", folder / "config.json")
    if recipe.bfloat16:
        hf.AutoModelForCausalLM.from_pretrained(base).to(torch.bfloat16).save_pretrained(folder)
    else:
        link(folder / "model.safetensors", (base / "model.safetensors").resolve())


def change_config(folder, keys):
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config.update(keys)
    removed = [key for key, value in keys.items() if value is None and key != "rope_scaling"]
    write_json(path, {key: value for key, value in config.items() if key not in removed})


def link_tokenizer(folder, recipe, tokenizers):
    link(folder / "tokenizer_config.json", tokenizers / recipe.tokenizer / "tokenizer_config.json")
    source = tokenizers / recipe.tokenizer / "tokenizer.json"
    if not recipe.stored_truncation:
        return link(folder / "tokenizer.json", source)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.enable_truncation(12)
    tokenizer.enable_padding(length=12, pad_token="[PAD]")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def write_dense(folder, options, name):
    random = np.random.RandomState(zlib.crc32(name.encode()))
    shape = (options["out_features"], options["in_features"])
    weight, bias = 0.25 * random.standard_normal(shape), 0.25 * random.standard_normal(shape[0])
    tensors = {"linear.weight": torch.from_numpy(weight).float(), "linear.bias": torch.from_numpy(bias).float()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def write_sentence_files(folder, recipe):
    """As sentence-transformers 2 to 5 wrote them, which is what the published folders look like."""
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    for index, (kind, options) in enumerate(recipe.sentence, start=1):
        path = f"{index}_{kind}"
        modules.append({"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"})
        if kind == "Normalize":
            continue
        (folder / path).mkdir()
        write_json(folder / path / "config.json", options)
        if kind == "Dense":
            write_dense(folder / path, options, recipe.name)
    write_json(folder / "modules.json", modules)
    if recipe.sentence_config:
        write_json(folder / "sentence_bert_config.json", recipe.sentence_config)
    prompts = {"prompts": {"query": recipe.prompt}, "default_prompt_name": "query"} if recipe.prompt else {}
    write_json(folder / "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "2.7.0", "transformers": "4.41.0", "pytorch": "2.3.0"}, **prompts})


def save_sentence_model(folder, recipe):
    """The files that the installed sentence-transformers writes, with the weights linked as before."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    parts = [modules.Transformer(str(folder), max_seq_length=recipe.sentence_config["max_seq_length"])]
    for kind, options in recipe.sentence:
        parts.append(getattr(modules, kind)(**options))
    for part in parts:
        if isinstance(part, modules.Dense):
            randomize(part, recipe.name)
    weights = (folder / "model.safetensors").resolve()
    SentenceTransformer(modules=parts, device="cpu").save(str(folder) + ".new", create_model_card=False)
    shutil.rmtree(folder)
    shutil.move(str(folder) + ".new", folder)
    (folder / "model.safetensors").unlink()
    link(folder / "model.safetensors", weights)


def write_folder(root, recipe):
    folder = root / recipe.name
    folder.mkdir()
    if recipe.config:
        write_new_weights(folder, recipe)
    else:
        write_weights_of_base(folder, recipe, root / recipe.base)
    (folder / "generation_config.json").unlink(missing_ok=True)
    change_config(folder, recipe.config_keys)
    link_tokenizer(folder, recipe, root / "tokenizers")
    if recipe.saved_by_library:
        save_sentence_model(folder, recipe)
    elif recipe.sentence:
        write_sentence_files(folder, recipe)
    return folder
