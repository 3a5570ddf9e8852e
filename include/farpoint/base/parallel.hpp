// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace farpoint {

/// Number of threads that parallel_for() uses; set_threads() in machine.hpp sets it.
std::size_t thread_count();

/// Calls work(thread, begin, end) for consecutive ranges of at most `grain` > 0 of the numbers [0, count), on all
/// threads; `thread` is below thread_count(). Of exceptions that `work` throws, the first one found is thrown here,
/// after all threads have stopped; ranges that have not begun by then are left out. Called by `work`, it runs on that
/// thread alone, as thread 0.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t thread, std::size_t begin, std::size_t end)>& work);

}  // namespace farpoint
