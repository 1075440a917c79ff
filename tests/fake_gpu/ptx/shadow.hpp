// SPDX-License-Identifier: Apache-2.0
// For each piece of memory who touched it last. Pieces are as large as the accesses, and split when a smaller one
// comes.
#pragma once

#include "clocks.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace ptx {

struct past_access {
  static constexpr std::uint32_t nobody = ~0u;
  std::uint32_t thread = nobody;
  std::uint32_t time = 0;
  std::uint32_t line = 0;
  access_kind kind{};
};

enum touched : std::uint8_t { plain_read = 1, plain_write = 2, strong_read = 4, strong_write = 8 };

struct piece {
  past_access writer;
  past_access reader;
  std::vector<past_access> more_readers;
  std::shared_ptr<publication> released;
  std::uint8_t how = 0;
};

class shadow {
  static constexpr std::uintptr_t page_bytes = 4096;

 public:
  /// Calls `f` with each piece of [address, address + bytes).
  template <class F>
  void for_each(std::uintptr_t address, std::uintptr_t bytes, F f) {
    for (std::uintptr_t end = address + bytes; address < end;) {
      page& in = page_of(address);
      const std::uintptr_t start = address / page_bytes * page_bytes, stop = std::min(end, start + page_bytes);
      const std::uintptr_t grain = (address | bytes) & -(address | bytes);
      split(in, std::min(grain, std::uintptr_t{16}));
      for (; address < stop; address += in.grain) f(address, in.pieces[(address - start) / in.grain]);
    }
  }
  /// Calls `f` with each piece that was touched, by ascending address: its address, its size, the piece.
  template <class F>
  void for_each_touched(F f) const {
    for (const auto& [number, in] : pages_) {
      for (std::size_t n = 0; n < in->pieces.size(); ++n) {
        if (in->pieces[n].how != 0) f(number * page_bytes + n * in->grain, in->grain, in->pieces[n]);
      }
    }
  }

 private:
  struct page {
    std::uintptr_t grain = 16;
    std::vector<piece> pieces = std::vector<piece>(page_bytes / 16);
  };
  page& page_of(std::uintptr_t address) {
    const std::uintptr_t number = address / page_bytes;
    auto& [known, recent] = recent_[number % recent_.size()];
    if (recent == nullptr || known != number) {
      auto& found = pages_[number];
      if (!found) found = std::make_unique<page>();
      known = number;
      recent = found.get();
    }
    return *recent;
  }
  static void split(page& in, std::uintptr_t grain) {
    if (grain >= in.grain) return;
    std::vector<piece> smaller(page_bytes / grain);
    for (std::size_t n = 0; n < smaller.size(); ++n) smaller[n] = in.pieces[n * grain / in.grain];
    in.grain = grain;
    in.pieces = std::move(smaller);
  }
  std::map<std::uintptr_t, std::unique_ptr<page>> pages_;
  std::array<std::pair<std::uintptr_t, page*>, 64> recent_{};
};

}  // namespace ptx
