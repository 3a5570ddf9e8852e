# SPDX-License-Identifier: Apache-2.0
"""The layers of docs/architecture.md are those of the sources, and keep their rules; each rule notices what it forbids.
What begins as a program does can be called as one."""
import os
import pathlib
import sys
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import layers
from layers import Include

INCLUDES = layers.includes()


class Layers(unittest.TestCase):
    def test_the_page_has_the_picture_of_the_sources(self):
        self.assertEqual(layers.picture_of_page(), layers.picture(), "`make docs` writes it")

    def test_the_sources_keep_the_rules(self):
        self.assertGreater(len(layers.includes()), 3000)
        self.assertEqual({rule.__name__: rule() for rule in layers.RULES}, {rule.__name__: [] for rule in layers.RULES})


class Programs(unittest.TestCase):
    def test_they_can_be_called(self):
        files = [path for folder in (".ci", "benchmarks", "examples", "scripts", "tests") for path in (ROOT / folder).rglob("*") if path.is_file()]
        programs = [path for path in files if path.open("rb").read(2) == b"#!"]
        self.assertGreater(len(programs), 40)
        self.assertEqual([path for path in programs if not os.access(path, os.X_OK)], [])


class Rules(unittest.TestCase):
    """Each with an #include more than there is."""

    def found(self, rule, file, name, target="") -> str:
        include = Include(file, 7, name, target, not target and name != "absent.hpp")
        with unittest.mock.patch.object(layers, "includes", lambda: [*INCLUDES, include]):
            return "\n".join(rule())

    def test_types_with_one_name(self):
        self.assertGreater(len(layers.types()), 500)
        more = [*layers.types(), ("farpoint::store::Column", "src/store/other.hpp")]
        with unittest.mock.patch.object(layers, "types", lambda: more):
            self.assertIn("src/store/other.hpp: farpoint::store::Column is another type in include/farpoint/store/", "\n".join(layers.types_with_one_name()))

    def test_unknown_includes(self):
        self.assertEqual(self.found(layers.unknown_includes, "src/base/log.cpp", "boost2/any.hpp"), "src/base/log.cpp:7: boost2/any.hpp")
        self.assertEqual(self.found(layers.unknown_includes, "src/base/log.cpp", "absent.hpp"), "src/base/log.cpp:7: absent.hpp")

    def test_a_layer_below(self):
        self.assertIn("store must not use corpus", self.found(layers.wrong_layers, "src/store/column.cpp", "farpoint/corpus/npy.hpp",
                                                              "include/farpoint/corpus/npy.hpp"))

    def test_a_private_header(self):
        self.assertIn("is store's own", self.found(layers.private_headers_of_others, "src/pipeline/plan.cpp", "store/hdf5_call.hpp",
                                                   "src/store/hdf5_call.hpp"))

    def test_libraries(self):
        self.assertIn("does not name MPI for store", self.found(layers.wrong_libraries, "src/store/column.cpp", "mpi.h"))
        self.assertIn("belongs into src/corpus/parquet", self.found(layers.wrong_libraries, "src/corpus/npy.cpp", "arrow/api.h"))
        self.assertIn("in a public one", self.found(layers.wrong_libraries, "include/farpoint/store/column.hpp", "hdf5.h"))
        with unittest.mock.patch.object(layers, "includes", lambda: [some for some in INCLUDES if some.name != "hdf5.h"]):
            self.assertIn("store does not include HDF5", "\n".join(layers.wrong_libraries()))

    def test_circles(self):
        hash_header, file_header = "include/farpoint/base/hash.hpp", "include/farpoint/base/atomic_file.hpp"
        first = Include(hash_header, 7, "farpoint/base/atomic_file.hpp", file_header, False)
        with unittest.mock.patch.object(layers, "includes", lambda: [first, Include(file_header, 7, "x", hash_header, False)]):
            self.assertIn(hash_header, layers.cycles()[0])
        first = Include("jobs/select/a.hpp", 7, "x", "jobs/dedup/b.hpp", False)
        with unittest.mock.patch.object(layers, "includes", lambda: [first, Include("jobs/dedup/c.hpp", 7, "x", "jobs/select/d.hpp", False)]):
            self.assertIn("jobs/dedup", layers.cycles()[0])

    def test_links(self):
        self.assertEqual(self.found(layers.wrong_links, "src/report/bins.cpp", "x", "include/farpoint/text/beginning.hpp"),
                         "report includes text and does not link it")
        with unittest.mock.patch.object(layers, "includes", lambda: [some for some in INCLUDES if layers.layer_of(some.file) != "report"]):
            self.assertEqual(layers.wrong_links(), ["report links base and includes nothing of it"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
