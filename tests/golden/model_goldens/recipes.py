# SPDX-License-Identifier: Apache-2.0
"""What each folder of ../models is: the families, each with the variants of its mathematics and of its files."""
import dataclasses
from collections.abc import Callable

import transformers as hf

from .tokenizer_kinds import VOCABULARY


@dataclasses.dataclass
class Recipe:
    """One folder. With `base` the weights are those of another folder, and task, tokenizer and limit too."""

    name: str
    task: str = ""  # encode, causal or classify
    config: Callable | None = None
    tokenizer: str = ""
    max_length: int = 0
    base: str = ""
    config_keys: dict = dataclasses.field(default_factory=dict)  # written into config.json; None removes the key
    rename: Callable | None = None  # of tensors in model.safetensors
    bfloat16: bool = False
    shard_size: str = ""
    pairs: bool = False
    plain_head: bool = False  # a classifier as folders.PlainHead
    sentence: list = dataclasses.field(default_factory=list)  # modules after the transformer: (kind, options)
    sentence_config: dict = dataclasses.field(default_factory=dict)
    prompt: str = ""
    saved_by_library: bool = False  # files of the sentence model written by sentence-transformers itself
    stored_truncation: bool = False  # tokenizer.json that holds truncation and padding, to be ignored
    matters: list = dataclasses.field(default_factory=list)  # changes of the config that must change the results
    same_as: str = ""  # results must equal those of this folder
    unlike: str = ""  # results must differ from those of this folder


def size(hidden, heads, intermediate, layers=2):
    return {"hidden_size": hidden, "num_attention_heads": heads, "intermediate_size": intermediate,
            "num_hidden_layers": layers, "vocab_size": VOCABULARY}


WIDE, MEDIUM, NARROW = size(32, 4, 40), size(24, 3, 32), size(16, 2, 24)
LABELS = {"id2label": {0: "poor", 1: "fair", 2: "good"}, "label2id": {"poor": 0, "fair": 1, "good": 2}}
MEAN = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False}
NORMALIZE = ("Normalize", {})


def pooling(*modes, width=32, **options):
    """Configuration in the form of sentence-transformers 2 to 5: one boolean a mode."""
    names = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]
    flags = {f"pooling_mode_{name}": name in modes for name in names}
    return ("Pooling", {"word_embedding_dimension": width, **flags, **options})


def bert(size, **options):
    return lambda: hf.BertConfig(**size, max_position_embeddings=64, pad_token_id=0, **options)


def distilbert(size, **options):
    renamed = {"dim": size["hidden_size"], "n_layers": 2, "n_heads": size["num_attention_heads"],
               "hidden_dim": size["intermediate_size"], "vocab_size": VOCABULARY}
    return lambda: hf.DistilBertConfig(**renamed, max_position_embeddings=64, pad_token_id=0, **options)


def mpnet(size, **options):
    return lambda: hf.MPNetConfig(**size, max_position_embeddings=66, layer_norm_eps=1e-5, **options)


def roberta(size, config=hf.RobertaConfig, **options):
    return lambda: config(**size, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1,
                          bos_token_id=0, eos_token_id=2, **options)


def deberta(size, **options):
    return lambda: hf.DebertaV2Config(**size, max_position_embeddings=64, relative_attention=True, pad_token_id=0,
                                      layer_norm_eps=1e-7, **options)


def deberta3(size, **options):
    return deberta(size, position_buckets=8, max_relative_positions=-1, norm_rel_ebd="layer_norm", share_att_key=True,
                   pos_att_type=["p2c", "c2p"], position_biased_input=False, type_vocab_size=0, **options)


def modernbert(size, **options):
    tokens = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    ropes = {"full_attention": {"rope_type": "default", "rope_theta": 160000.0},
             "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}
    return lambda: hf.ModernBertConfig(**{**size, "num_hidden_layers": 3}, max_position_embeddings=64,
                                       local_attention=8, rope_parameters=ropes, **tokens, **options)


def gpt2(**options):
    return lambda: hf.GPT2Config(n_embd=24, n_layer=2, n_head=3, n_positions=80, vocab_size=VOCABULARY, bos_token_id=0,
                                 eos_token_id=0, **options)


def decoder(config, size=WIDE, theta=10000.0, **options):
    return lambda: config(**size, **{"max_position_embeddings": 128, "rms_norm_eps": 1e-5, **options},
                          rope_parameters={"rope_type": "default", "rope_theta": theta})


def rope(kind, **options):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10000.0, **options}}


def v4_rope(**options):
    """The keys of transformers 4: rope_theta and rope_scaling in place of rope_parameters, torch_dtype of dtype."""
    return {"rope_parameters": None, "dtype": None, "transformers_version": "4.46.0", "torch_dtype": "float32",
            "rope_theta": 10000.0, "rope_scaling": options or None}


def old_layer_norms(name):
    return "bert." + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


DENSE = ("Dense", {"in_features": 96, "out_features": 20, "bias": True,
                   "activation_function": "torch.nn.modules.activation.Tanh"})
LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
SHORT_LIMIT = {"max_seq_length": 32, "do_lower_case": False}

ENCODERS = [
    Recipe("bert", "encode", bert(WIDE), "bert"),
    Recipe("bert-gamma-beta", "encode", bert(NARROW), "bert", rename=old_layer_norms),
    Recipe("bert-classify", "classify", bert(NARROW, **LABELS), "bert", pairs=True),
    Recipe("bert-regression", "classify", bert(NARROW, num_labels=1, problem_type="regression"), "bert", pairs=True),
    Recipe("bert-multilabel", "classify",
           bert(NARROW, num_labels=5, problem_type="multi_label_classification"), "bert"),
    Recipe("distilbert", "encode", distilbert(MEDIUM), "bert"),
    Recipe("distilbert-classify", "classify", distilbert(NARROW, **LABELS), "bert"),
    Recipe("mpnet-classify", "classify", mpnet(NARROW, **LABELS), "mpnet"),
    Recipe("roberta", "encode", roberta(MEDIUM), "roberta"),
    Recipe("roberta-classify", "classify", roberta(NARROW, **LABELS), "roberta", pairs=True),
    Recipe("deberta-v2", "encode", deberta(
        MEDIUM, embedding_size=16, conv_kernel_size=3, conv_act="gelu", pos_att_type=["p2c", "c2p"], type_vocab_size=2,
        max_relative_positions=12, position_biased_input=True), "bert"),
    Recipe("deberta-v3", "encode", deberta3(WIDE), "bert", config_keys={"pos_att_type": "p2c|c2p"},
           matters=[{"max_position_embeddings": 24, "position_buckets": 8}]),
    Recipe("deberta-v3-classify", "classify", deberta3(NARROW, **LABELS), "bert", pairs=True,
           config_keys={"pos_att_type": "p2c|c2p"}),
    Recipe("deberta-v3-fc", "classify", deberta3(NARROW, **LABELS), "bert", plain_head=True, config_keys={
        "base_model": "microsoft/deberta-v3-base", "fc_dropout": 0.2, "architectures": None}),
    Recipe("modernbert", "encode", modernbert(MEDIUM), "bert", matters=[{"local_attention": 128}]),
    Recipe("modernbert-v4-keys", base="modernbert", same_as="modernbert", config_keys={
        "rope_parameters": None, "layer_types": None, "dtype": None, "transformers_version": "4.48.0",
        "torch_dtype": "float32", "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0,
        "local_rope_theta": 10000.0}),
    Recipe("modernbert-classify", "classify", modernbert(NARROW, **LABELS), "bert"),
    Recipe("modernbert-classify-mean", base="modernbert-classify", config_keys={"classifier_pooling": "mean"},
           unlike="modernbert-classify"),
]

SENTENCES = [
    Recipe("sentence-minilm", base="bert", sentence=[("Pooling", MEAN), NORMALIZE], sentence_config=SHORT_LIMIT,
           stored_truncation=True),
    Recipe("sentence-concatenated-dense", base="bert", sentence=[
        pooling("lasttoken", "cls_token", "mean_tokens"), DENSE, NORMALIZE], sentence_config=SHORT_LIMIT),
    Recipe("sentence-max", base="bert", sentence=[pooling("max_tokens")], sentence_config=SHORT_LIMIT),
    Recipe("sentence-mean-sqrt", base="bert", sentence=[pooling("mean_sqrt_len_tokens")], sentence_config=SHORT_LIMIT),
    Recipe("sentence-weighted-mean", base="bert", sentence=[pooling("weightedmean_tokens")],
           sentence_config=SHORT_LIMIT),
    Recipe("sentence-last-token", base="bert", sentence=[pooling("lasttoken")], sentence_config=SHORT_LIMIT),
    Recipe("sentence-all-poolings", base="bert", sentence=[pooling(
        "cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")]),
    Recipe("sentence-prompt", base="bert", sentence=[pooling("mean_tokens")], prompt="query: "),
    Recipe("sentence-prompt-excluded", base="bert", unlike="sentence-prompt", prompt="query: ", sentence=[pooling(
        "cls_token", "mean_tokens", "weightedmean_tokens", include_prompt=False)]),
    Recipe("sentence-new-files", base="bert", saved_by_library=True, sentence_config=SHORT_LIMIT, sentence=[
        ("Pooling", {"embedding_dimension": 32, "pooling_mode": ["mean", "cls"]}),
        ("Dense", {"in_features": 64, "out_features": 24, "bias": False}), NORMALIZE]),
    Recipe("sentence-mpnet", "encode", mpnet(MEDIUM), "mpnet",
           sentence=[pooling("mean_tokens", width=24), NORMALIZE],
           sentence_config={"max_seq_length": 64}),
    Recipe("sentence-xlm-roberta", "encode", roberta(MEDIUM, hf.XLMRobertaConfig), "xlm-roberta",
           sentence=[pooling("cls_token", width=24), NORMALIZE], sentence_config={"max_seq_length": 64}),
    Recipe("sentence-qwen3", "encode", decoder(
        hf.Qwen3Config, NARROW, num_key_value_heads=1, head_dim=12, tie_word_embeddings=True), "qwen-embedding",
        max_length=128, config_keys={"architectures": ["Qwen3ForCausalLM"]},
        sentence=[pooling("lasttoken", width=16), NORMALIZE]),
]

DECODERS = [
    Recipe("gpt2", "causal", gpt2(), "gpt2", max_length=80),
    Recipe("gpt2-inverse-layer", base="gpt2", config_keys={"scale_attn_by_inverse_layer_idx": True}, unlike="gpt2"),
    Recipe("llama", "causal", decoder(hf.LlamaConfig, bos_token_id=0, eos_token_id=1), "llama", max_length=128),
    Recipe("llama-sharded", "causal", decoder(hf.LlamaConfig, NARROW, bos_token_id=0, eos_token_id=1), "llama",
           max_length=128, shard_size="25KB"),
    Recipe("llama-bfloat16", base="llama", bfloat16=True, unlike="llama"),
    Recipe("llama-rope-linear", base="llama", unlike="llama", config_keys=rope("linear", factor=2.0)),
    Recipe("llama-rope-linear-v4-keys", base="llama", same_as="llama-rope-linear",
           config_keys=v4_rope(type="linear", factor=2.0)),
    Recipe("llama-rope-dynamic", base="llama", unlike="llama",
           config_keys={"max_position_embeddings": 16, **rope("dynamic", factor=2.0)}),
    Recipe("llama-rope-llama3", base="llama", unlike="llama", config_keys=rope("llama3", **LLAMA3)),
    Recipe("llama-rope-llama3-v4-keys", base="llama", same_as="llama-rope-llama3",
           config_keys=v4_rope(rope_type="llama3", **LLAMA3)),
    Recipe("llama-rope-yarn", base="llama", unlike="llama", config_keys={
        "max_position_embeddings": 4096, **rope("yarn", factor=4.0, original_max_position_embeddings=1024)}),
    Recipe("llama-rope-yarn-all-keys", base="llama", unlike="llama-rope-yarn", config_keys={
        "max_position_embeddings": 128, **rope(
            "yarn", factor=4.0, original_max_position_embeddings=32, beta_fast=4.0, beta_slow=0.25, truncate=False,
            mscale=1.0, mscale_all_dim=0.5)}),
    Recipe("llama-grouped-biased", "causal", decoder(
        hf.LlamaConfig, num_key_value_heads=2, attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
        bos_token_id=0, eos_token_id=1), "llama", max_length=128),
    Recipe("llama-classify", "classify", decoder(
        hf.LlamaConfig, NARROW, bos_token_id=0, eos_token_id=1, pad_token_id=1, **LABELS), "llama", max_length=128),
    Recipe("mistral", "causal", decoder(
        hf.MistralConfig, num_key_value_heads=2, sliding_window=8, bos_token_id=0, eos_token_id=1), "llama",
        max_length=128, matters=[{"sliding_window": None}]),
    Recipe("qwen2", "causal", decoder(hf.Qwen2Config, num_key_value_heads=2, theta=1000000.0), "qwen", max_length=128),
    Recipe("qwen2-window", base="qwen2", unlike="qwen2", config_keys={
        "use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1,
        "layer_types": ["full_attention", "sliding_attention"]}),
    Recipe("qwen2-window-v4-keys", base="qwen2-window", same_as="qwen2-window", config_keys={
        **v4_rope(), "rope_theta": 1000000.0, "layer_types": None}),
    Recipe("qwen2-classify", "classify", decoder(
        hf.Qwen2Config, NARROW, num_key_value_heads=1, pad_token_id=0, **LABELS), "qwen", max_length=128),
    Recipe("qwen3", "causal", decoder(
        hf.Qwen3Config, num_key_value_heads=2, head_dim=12, tie_word_embeddings=True, theta=1000000.0), "qwen",
        max_length=128),
]

RECIPES = ENCODERS + SENTENCES + DECODERS
