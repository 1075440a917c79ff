// SPDX-License-Identifier: Apache-2.0
#include "fat_binary.hpp"

#include "report.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <cstring>

namespace fakegpu {
namespace {

template <class T>
T field(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// CUDA 13 packs by zstd. Its library is looked for when it is needed.
std::string unpack_zstd(const char* packed, std::size_t packed_size, std::size_t size) {
  using decompress = std::size_t (*)(void*, std::size_t, const void*, std::size_t);
  static const decompress unpack = [] {
    void* const library = ::dlopen("libzstd.so.1", RTLD_NOW);
    return library == nullptr ? nullptr : reinterpret_cast<decompress>(::dlsym(library, "ZSTD_decompress"));
  }();
  if (unpack == nullptr)
    fatal(
        "the program's PTX is packed by zstd, and there is no libzstd.so.1: install it, or build with nvcc "
        "-no-compress");
  std::string text(size, '\0');
  return unpack(text.data(), size, packed, packed_size) == size ? text : std::string{};
}

/// A length that goes on in further bytes while they are 255.
bool extend(std::size_t& length, const char*& at, const char* end) {
  if (length != 15) return true;
  for (unsigned char more = 255; more == 255; length += more) {
    if (at == end) return false;
    more = static_cast<unsigned char>(*at++);
  }
  return true;
}

}  // namespace

std::string unpack_lz4(const char* packed, std::size_t packed_size, std::size_t size) {
  const char *at = packed, *const end = packed + packed_size;
  std::string text;
  while (at < end) {
    const auto token = static_cast<unsigned char>(*at++);
    std::size_t literals = token >> 4, match = token & 15;
    if (!extend(literals, at, end) || literals > static_cast<std::size_t>(end - at)) return {};
    text.append(at, literals);
    at += literals;
    if (at == end) break;
    if (end - at < 2) return {};
    const std::size_t distance = field<std::uint16_t>(at);
    at += 2;
    if (!extend(match, at, end) || distance == 0 || distance > text.size()) return {};
    for (match += 4; match > 0; --match) text += text[text.size() - distance];
    if (text.size() > size) return {};
  }
  return text.size() == size ? text : std::string{};
}

// The header has 16 bytes. Entries follow, of a header and a body each: kind u16 at 0 (1: PTX), bytes of the header u32
// at 4, of the body u64 at 8, packed bytes u32 at 16, flags u64 at 40 (0x8000: zstd, 0x2000: LZ4), unpacked bytes u64
// at 56.
std::vector<std::string> ptx_texts(const void* fat_binary) {
  const char* const start = static_cast<const char*>(fat_binary);
  std::vector<std::string> texts;
  if (field<std::uint32_t>(start) != 0xBA55ED50u) return texts;
  const char* at = start + field<std::uint16_t>(start + 6);
  const char* const end = at + field<std::uint64_t>(start + 8);
  while (at < end) {
    const auto header = field<std::uint32_t>(at + 4);
    const auto bytes = field<std::uint64_t>(at + 8), flags = field<std::uint64_t>(at + 40);
    const char* const body = at + header;
    at = body + bytes;
    if (field<std::uint16_t>(body - header) != 1) continue;
    const bool packed = (flags & 0xa000) != 0;
    const auto packed_size = field<std::uint32_t>(body - header + 16);
    const auto size = packed ? field<std::uint64_t>(body - header + 56) : 0;
    texts.push_back(!packed                 ? std::string(body, ::strnlen(body, bytes))
                    : (flags & 0x8000) != 0 ? unpack_zstd(body, packed_size, size)
                                            : unpack_lz4(body, packed_size, size));
    if (texts.back().empty()) fatal("the program's PTX cannot be unpacked: build with nvcc -no-compress");
  }
  return texts;
}

}  // namespace fakegpu
