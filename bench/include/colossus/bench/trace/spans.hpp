// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace colossus::bench {

/// Messages of one track that follow one another, drawn as one event; seconds.
struct span_of_messages {
  double begin = 0, end = 0;
  rank_t to = nobody;  ///< `several` where they go to different ranks
  round_t first = 0, last = 0;
  std::int64_t messages = 1;
  double bytes = 0;

  static constexpr rank_t several = -2;
};

/// The events of many tracks, at most so many: where messages are more, 2, 4, 8 ... of a track that follow one another
/// are one event. Nothing is left out.
class track_spans {
 public:
  explicit track_spans(std::size_t most) : most_{most} {}

  /// Adds messages behind those that the track has. Those of a run are alike, one every `step` seconds.
  void add(std::size_t track, const span_of_messages& one) {
    if (track >= tracks_.size()) tracks_.resize(track + 1);
    std::vector<span_of_messages>& all = tracks_[track];
    if (!all.empty() && all.back().messages + one.messages <= together_) join(all.back(), one);
    else all.push_back(one), ++count_;
    while (count_ > most_ && count_ > tracks_.size()) compact();
  }
  void add_run(std::size_t track, span_of_messages first, double step, std::int64_t messages) {
    const double begin = first.begin, busy = first.end - first.begin, bytes = first.bytes;
    for (std::int64_t done = 0, take; done < messages; done += take) {
      take = std::min(together_, messages - done);
      span_of_messages some = first;
      some.begin = begin + static_cast<double>(done) * step;
      some.end = begin + static_cast<double>(done + take - 1) * step + busy;
      some.first += done, some.last = some.first + take - 1;
      some.messages = take, some.bytes = bytes * static_cast<double>(take);
      add(track, some);
    }
  }
  /// The track's last event, for a later message to cut it short; nothing where it has none.
  span_of_messages* last(std::size_t track) {
    return track < tracks_.size() && !tracks_[track].empty() ? &tracks_[track].back() : nullptr;
  }

  const std::vector<std::vector<span_of_messages>>& tracks() const { return tracks_; }
  std::size_t count() const { return count_; }
  /// Messages that may be one event.
  std::int64_t together() const { return together_; }

 private:
  static void join(span_of_messages& all, const span_of_messages& more) {
    all.end = std::max(all.end, more.end), all.last = more.last;
    all.messages += more.messages, all.bytes += more.bytes;
    if (all.to != more.to) all.to = span_of_messages::several;
  }
  void compact() {
    together_ *= 2, count_ = 0;
    for (auto& all : tracks_) {
      std::size_t kept = 0;
      for (std::size_t i = 1; i < all.size(); ++i)
        if (all[kept].messages + all[i].messages <= together_) join(all[kept], all[i]);
        else all[++kept] = all[i];
      if (!all.empty()) all.resize(kept + 1);
      count_ += all.size();
    }
  }

  std::size_t most_, count_ = 0;
  std::int64_t together_ = 1;
  std::vector<std::vector<span_of_messages>> tracks_;
};

}  // namespace colossus::bench
