// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version, for `#if`: the only macros that users see. CMake reads it from here.
#define COLOSSUS_VERSION_MAJOR 0
#define COLOSSUS_VERSION_MINOR 1
#define COLOSSUS_VERSION_PATCH 0

namespace colossus {

/// The same as text: the column `library` of a result row says `colossus-` and this.
inline constexpr char version[] = "0.1.0";

}  // namespace colossus
