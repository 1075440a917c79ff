// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/process_group.hpp>
#include <colossus/bench/rank_list.hpp>

namespace colossus::bench {

/// Calls `f` on every process. Where it throws on some, all throw what the first of these says, with the numbers of
/// those that cannot go on unless it is all: nobody is left waiting for a process that has ended.
template <class F>
void agree(process_group& all, F&& f) {
  std::string said;
  failure kind{};
  try {
    f();
  } catch (const error& e) {
    said = e.what(), kind = e.kind();
  } catch (const std::exception& e) {
    said = e.what(), kind = failure::broke;
  }
  const std::vector<failure> kinds = gather(all, kind);
  std::vector<int> failed;
  for (std::size_t rank = 0; rank < kinds.size(); ++rank)
    if (kinds[rank] != failure{}) failed.push_back(static_cast<int>(rank));
  if (failed.empty()) return;
  const auto first = static_cast<std::size_t>(failed[0]);
  const std::string reason = gather_text(all, said)[first];
  if (failed.size() == kinds.size()) throw error{reason, kinds[first]};
  throw error{(failed.size() == 1 ? "process " : "processes ") + rank_list(failed) + " of " +
                  std::to_string(kinds.size()) + " cannot go on: " + reason,
              kinds[first]};
}

}  // namespace colossus::bench
