// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "farpoint/store/shard_file.hpp"
#include "hdf5_handle.hpp"

namespace farpoint::store {

/// Shape and type of a dataset that anybody wrote. `type` is the type_name() of values that hold it without loss; when
/// there is none, HDF5's class or what is wrong with the shape.
ColumnInfo describe(const std::string& name, const DatasetHandle& dataset);

}  // namespace farpoint::store
