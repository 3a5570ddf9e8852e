# SPDX-License-Identifier: Apache-2.0
"""config.yaml of a run: the jobs of its pipeline, and the whole of it as a dict where PyYAML is installed."""
from __future__ import annotations

import importlib
import re
from typing import Any, Dict, List

from farpoint.errors import FarpointError

MARK = "# Written by a run of farpoint"


def job_names(text: str) -> List[str]:
    """The jobs of the pipeline in order, those of `parallel` one by one.

    The program writes this file, with jobs at one indentation and those of `parallel` at another, so their names can be
    read without a YAML library.
    """
    _, _, pipeline = text.partition("\npipeline:")
    names = []
    parallel = False
    for outer, inner in re.findall(r"^(?:  - (\w+):|      - (\w+):)", pipeline, re.MULTILINE):
        if outer:
            parallel = outer == "parallel"
        if inner and parallel or outer and not parallel:
            names.append(inner or outer)
    return names


def parse(text: str) -> Dict[str, Any]:
    """The configuration as a dict; `~` is None. Raises FarpointError where PyYAML is not installed."""
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise FarpointError("reading the configuration needs PyYAML: pip install pyyaml; "
                            "its text is in config_text") from None
    config: Dict[str, Any] = yaml.load(text, Loader=_loader(yaml))
    return config


def _loader(yaml: Any) -> Any:
    """YAML 1.2 as the program writes it: PyYAML alone takes `no`, the language, for False, and 1e-05 for a text."""
    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: Dict[str, Any] = {}

    for tag, pattern, first in (
            ("bool", r"true|false", "tf"),
            ("null", r"~|null|", ["~", "n", ""]),
            ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
            ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=e))(e[-+]?[0-9]+)?", "-+.0123456789")):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
    return Loader
