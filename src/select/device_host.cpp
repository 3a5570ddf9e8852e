// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <unordered_map>

#include "device_accelerator.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::select {

namespace {

class HostAccelerator final : public Accelerator {
 public:
  HostAccelerator(std::uint64_t memory, std::uint64_t* peak) : free_(memory), peak_(peak) {}

  std::string name() const override { return "this processor"; }
  std::uint64_t free_memory() const override { return free_; }
  void* allocate(std::size_t bytes) override {
    if (bytes > free_) throw Error(fmt::format("{} bytes are asked for, {} are free", bytes, free_));
    void* const memory = ::operator new(bytes);
    sizes_.emplace(memory, bytes);
    free_ -= bytes;
    used_ += bytes;
    if (peak_ != nullptr) *peak_ = std::max(*peak_, used_);
    return memory;
  }
  void release(void* memory) noexcept override {
    const auto block = sizes_.find(memory);
    free_ += block->second;
    used_ -= block->second;
    sizes_.erase(block);
    ::operator delete(memory);
  }
  void upload(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
  void copy(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }

  void run(const DeviceTask& task, std::size_t count) override {
    std::visit(
        [count](const auto& each) {
          for (std::size_t i = 0; i < count; ++i) each(i);
        },
        task);
  }

 private:
  std::uint64_t free_;
  std::uint64_t used_ = 0;
  std::uint64_t* peak_;
  std::unordered_map<void*, std::size_t> sizes_;
};

}  // namespace

std::unique_ptr<Accelerator> make_host_accelerator(std::uint64_t memory, std::uint64_t* peak) {
  return std::make_unique<HostAccelerator>(memory, peak);
}

}  // namespace farpoint::select
