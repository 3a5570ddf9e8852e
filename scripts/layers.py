#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which layers use which, read from the #include lines of include/, src/ and jobs/, and whether they keep the rules.

  scripts/layers.py          prints the picture of docs/architecture.md, then what is against the rules (and exits with 1)
  scripts/layers.py --write  puts the picture into the page

The rules are the page's own table of layers: its order, and the libraries that it names for each layer.
"""
import dataclasses
import functools
import graphlib
import os
import pathlib
import re
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs/architecture.md"
BEGIN, END = "<!-- scripts/layers.py --write: begin -->\n", "<!-- scripts/layers.py --write: end -->\n"

# How the headers of a library begin, and its name on the page.
LIBRARIES = {
    "ATen/": "libtorch", "CLI/": "CLI11", "Eigen/": "Eigen", "Random123/": "Random123", "Spectra/": "Spectra", "arrow/": "Arrow",
    "boost/": "Boost.Serialization", "c10/": "libtorch", "cld2/": "CLD2", "cuda_": "CUDA", "faiss/": "FAISS", "fmt/": "fmt",
    "hdf5.h": "HDF5", "hunspell/": "Hunspell", "lbfgs.h": "libLBFGS", "mpi.h": "MPI", "nlohmann/": "nlohmann-json", "omp.h": "OpenMP",
    "parquet/": "Arrow", "re2/": "RE2", "simdjson.h": "simdjson", "spdlog/": "spdlog", "torch/": "libtorch", "unicode/": "ICU",
    "xxhash.h": "xxHash", "yaml-cpp/": "yaml-cpp", "zlib.h": "zlib", "zstd": "zstd",
}
SYSTEM = re.compile(r"[a-z_]+|(sys|arpa)/\w+\.h|(dlfcn|emmintrin|fcntl|glob|immintrin|malloc|sched|spawn|std\w+|time|unistd)\.h")
# fmt writes text everywhere; who sends a structure through `comm` includes the headers for its parts.
EVERYWHERE = {"fmt", "Boost.Serialization"}
IN_PUBLIC_HEADERS = {"farpoint/base/log.hpp": "fmt", "farpoint/comm/objects.hpp": "Boost.Serialization"}
MADE_BY_THE_BUILD = {"parquet_interface.hpp", "model_library_interface.hpp"}


@dataclasses.dataclass(frozen=True)
class Include:
    file: str  # from the repository, with slashes
    line: int
    name: str  # as it is written there
    target: str  # the file of the repository that is meant, or ""
    system: bool  # written with <>

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.name}"


def layer_of(file: str) -> str:
    return file.removeprefix("include/farpoint/").removeprefix("src/").split("/")[0]


def is_public(file: str) -> bool:
    return file.startswith("include/")


@functools.cache
def files() -> list:
    found = [path for folder in ("include", "src", "jobs") for path in (REPOSITORY / folder).rglob("*")
             if path.suffix in (".cpp", ".hpp", ".h", ".cu", ".cuh")]
    return sorted(path.relative_to(REPOSITORY).as_posix() for path in found)


@functools.cache
def includes() -> list:
    known, found = set(files()), []
    for file in files():
        text = (REPOSITORY / file).read_text(encoding="utf-8")
        for match in re.finditer(r'^#\s*include\s*([<"])([^>"]+)[>"]', text, re.MULTILINE):
            folders = [os.path.dirname(file), "include", f"src/{layer_of(file)}", "src", "jobs"]
            places = [os.path.normpath(f"{folder}/{match[2]}") for folder in folders]
            target = "" if match[1] == "<" else next((place for place in places if place in known), "")
            found.append(Include(file, text.count("\n", 0, match.start()) + 1, match[2], target, match[1] == "<"))
    return found


def library(include: Include) -> str:
    return next((name for start, name in LIBRARIES.items() if include.name.startswith(start)), "") if include.system else ""


@dataclasses.dataclass
class Row:
    """A layer in the page's table."""
    layer: str
    libraries: str

    def names(self, name: str) -> bool:
        return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.libraries) is not None


@functools.cache
def rows() -> list:
    """The layers in the page's order: each may use those before it."""
    section = PAGE.read_text(encoding="utf-8").split("\n## Layers\n")[1].split(BEGIN)[0]
    return [Row(layer, libraries) for layer, libraries in re.findall(r"^\| `(\w+)/?` \| .*? \| (.*?) ?\|$", section, re.MULTILINE)]


def uses(from_public_headers: bool) -> dict:
    """Each layer's set of other layers that its public headers, or its other files, include."""
    found = {row.layer: set() for row in rows()}
    for include in includes():
        if include.target and is_public(include.file) == from_public_headers and layer_of(include.file) != layer_of(include.target):
            found[layer_of(include.file)].add(layer_of(include.target))
    return found


# ---- the picture

def ordered(layers: set) -> list:
    return [row.layer for row in rows() if row.layer in layers]


def picture() -> str:
    headers, sources = uses(True), uses(False)
    direct = {layer: headers[layer] | sources[layer] for layer in headers}
    reached = {}
    for layer in graphlib.TopologicalSorter(direct).static_order():
        reached[layer] = direct[layer].union(*(reached[used] for used in direct[layer]))
    lines = ["```mermaid", "flowchart TD"]
    for layer in reversed(ordered(set(direct))):
        further = set().union(*(reached[used] for used in direct[layer]))
        lines += [f"  {layer} {'-->' if used in headers[layer] else '-.->'} {used}" for used in reversed(ordered(direct[layer] - further))]
    lines += ["```", "", "| layer | its public headers use | its sources use besides |", "|---|---|---|"]
    for layer in ordered(set(direct)):
        cells = [", ".join(ordered(used)) for used in (headers[layer], sources[layer] - headers[layer])]
        lines.append(f"| `{layer}` | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def picture_of_page() -> str:
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip("\n") + "\n"


def write() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{picture()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


# ---- the rules; each gives what is against it

def unknown_includes() -> list:
    """What is neither a file of the repository, nor a library of LIBRARIES, nor the system's."""
    wrong = [include for include in includes() if include.system and not library(include) and not SYSTEM.fullmatch(include.name)]
    wrong += [include for include in includes() if not include.system and not include.target and include.name not in MADE_BY_THE_BUILD]
    return [str(include) for include in wrong]


def wrong_layers() -> list:
    place = {row.layer: number for number, row in enumerate(rows())}
    return [f"{include}: {layer_of(include.file)} must not use {layer_of(include.target)}" for include in includes()
            if include.target and place[layer_of(include.file)] < place[layer_of(include.target)]]


def private_headers_of_others() -> list:
    """Only `cli`, which is built with them, uses the headers of `jobs/`."""
    return [f"{include} is {layer_of(include.target)}'s own" for include in includes()
            if include.target and not is_public(include.target) and layer_of(include.file) != layer_of(include.target)
            and (layer_of(include.file), layer_of(include.target)) != ("cli", "jobs")]


def wrong_libraries() -> list:
    """Libraries that are included and not named by the page's table, or named and not included."""
    wrong, used = [], {(layer_of(include.file), library(include)) for include in includes()}
    row_of = {row.layer: row for row in rows()}
    for include in includes():
        name, row = library(include), row_of[layer_of(include.file)]
        if not name:
            continue
        if is_public(include.file) and IN_PUBLIC_HEADERS.get(include.file.removeprefix("include/")) != name:
            wrong.append(f"{include}: no header of {name} in a public one")
        if name not in EVERYWHERE and not row.names(name):
            wrong.append(f"{include}: the page does not name {name} for {row.layer}")
        folder = re.search(rf"{re.escape(name)} in `([^`]+)`", row.libraries)
        if folder and not include.file.startswith(folder[1]):
            wrong.append(f"{include}: {name} belongs into {folder[1]}")
    for name in sorted(set(LIBRARIES.values()) - EVERYWHERE):
        named = [row for row in rows() if row.names(name)]
        wrong += [f"docs/architecture.md: {row.layer} does not include {name}" for row in named if (row.layer, name) not in used]
        wrong += [f"docs/architecture.md: {name} is said to be nowhere but in {row.layer}" for row in named
                  if len(named) > 1 and re.search(rf"{re.escape(name)} \(nowhere else", row.libraries)]
    return wrong


def private_headers_among_public() -> list:
    """Public headers that no other layer, no public header and no benchmark includes."""
    used = {include.target for include in includes() if is_public(include.file) or layer_of(include.file) != layer_of(include.target)}
    for path in (REPOSITORY / "benchmarks").rglob("*.cpp"):
        used |= {f"include/{name}" for name in re.findall(r'^#include "(farpoint/[^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)}
    return [f"{file} is used by {layer_of(file)} alone; it belongs into src/{layer_of(file)}"
            for file in files() if is_public(file) and file not in used]


def cycle(graph: dict) -> list:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [" → ".join(reversed(error.args[1]))]
    return []


def cycles() -> list:
    """Of files, and of the folders inside a layer: what lies in its topmost folder may use them, and they use it."""
    of_files, of_folders = {}, {}
    for include in includes():
        if not include.target:
            continue
        of_files.setdefault(include.file, set()).add(include.target)
        ends = [os.path.dirname(file) for file in (include.file, include.target)]
        if ends[0] != ends[1] and all(folder.count("/") >= (1 if folder.startswith("jobs") else 2) for folder in ends):
            of_folders.setdefault(ends[0], set()).add(ends[1])
    return cycle(of_files) + cycle(of_folders)


def wrong_links() -> list:
    """CMake's USES of a layer are what it includes, no more and no less."""
    headers, sources, wrong = uses(True), uses(False), []
    for row in rows():
        path = REPOSITORY / ("jobs" if row.layer == "jobs" else f"src/{row.layer}") / "CMakeLists.txt"
        call = re.search(rf"farpoint_layer\({row.layer}\b(.*?)\)", path.read_text(encoding="utf-8"), re.DOTALL)[1]
        linked = set((re.search(r"USES ([\w\s]+?)(?=\s+LIBRARIES|\s*$)", call) or [""] * 2)[1].split())
        needed = headers[row.layer] | sources[row.layer]
        wrong += [f"{row.layer} links {layer} and includes nothing of it" for layer in ordered(linked - needed)]
        wrong += [f"{row.layer} includes {layer} and does not link it" for layer in ordered(needed - linked)]
    return wrong


def wrong_order() -> list:
    parts = re.search(r"set\(FARPOINT_PARTS (.*?)\)", (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8"))[1].split()
    return [] if parts == [row.layer for row in rows()] else ["CMakeLists.txt lists the layers in another order than the page"]


@functools.cache
def types() -> list:
    """(namespace::type, file) of all types that a header or source defines outside of namespaces without a name."""
    found = []
    for file in files():
        namespaces = []
        for line in (REPOSITORY / file).read_text(encoding="utf-8").splitlines():
            if match := re.match(r"namespace( [\w:]+)? \{", line):
                namespaces.append((match[1] or "").strip())
            elif line.startswith("}  // namespace") and namespaces:
                namespaces.pop()
            elif (match := re.match(r"(?:template.*> )?(?:struct|class|enum class) (\w+)(?: final)?(?: :.*)? \{", line)) and all(namespaces):
                found.append(("::".join([*namespaces, match[1]]), file))
    return found


def types_with_one_name() -> list:
    """The linker takes the functions of either for both."""
    first = {}
    return [f"{file}: {name} is another type in {first[name]}" for name, file in types() if first.setdefault(name, file) != file]


RULES = [types_with_one_name, unknown_includes, wrong_layers, private_headers_of_others, wrong_libraries, private_headers_among_public, cycles, wrong_links, wrong_order]

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        print(picture())
        found = [line for rule in RULES for line in rule()]
        print("\n".join(found))
        sys.exit(1 if found else 0)
