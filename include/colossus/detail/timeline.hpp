// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/longest_walk.hpp>
#include <colossus/detail/pipeline.hpp>

namespace colossus::detail {

/// When each rank has ended the rounds so far. Ranks wait for messages only, never for each other:
///   in(r, k)  = max(in(r, previous message) + busy,  end(sender, k-1) + busy + latency)
///   end(r, k) = max(end(r, k-1) + busy of what r sends,  in(r, k))
/// While all ranks are equal one number stands for them all.
class timeline {
 public:
  /// Of ranks that stand for `order` each.
  explicit timeline(rank_t ranks, rank_t order = 1) : ranks_{static_cast<std::size_t>(ranks)}, order_{order} {}

  double now() const { return all_; }
  /// False once ranks that differ were taken for equal between two runs.
  bool exact() const { return exact_; }
  /// How far `now` may be off, plus or minus, because it was extrapolated.
  double doubt() const { return doubt_; }

  /// `rounds` rounds of one pattern.
  void run(const edges& e, const walks& w, round_t rounds, double bytes) {
    if (e.size() == 0) return;
    if (e.uniform && end_.empty()) {
      if (rough_) exact_ = false;
      all_ += static_cast<double>(rounds) * e.arrives(0, bytes);
    } else if (rounds <= 2 || rounds * static_cast<round_t>(e.count()) * order_ <= few_steps) {
      spread();
      for (round_t i = 0; i < rounds; ++i)
        if (!e.shift.none()) shift_once(e, bytes);
        else once(e, bytes);
    } else {
      level();
      all_ += walk_(e, w, rounds, bytes);
      rough_ = true;
    }
  }

  /// A pipeline of `generations`; `e` holds the messages of the first, in order of rounds.
  void run(const edges& e, pipeline& stream, round_t period, round_t generations, double bytes) {
    level();
    const pipeline_price price = stream(e, ranks_, period, generations, bytes);
    all_ += price.seconds;
    doubt_ += price.doubt;
    rough_ = true;
  }

 private:
  static constexpr round_t few_steps = 1 << 16;

  /// All ranks go on from the last one's time.
  void level() {
    if (rough_ || !end_.empty()) exact_ = false;
    end_.clear();
  }

  /// Every rank has a time of its own from here.
  void spread() {
    if (!end_.empty()) return;
    if (rough_) exact_ = false;
    end_.assign(ranks_, all_);
    port_.assign(ranks_, all_);
  }

  void once(const edges& e, double bytes) {
    if (!e.images.empty()) return once_in_images(e, bytes);
    sent_.resize(e.size());
    for (std::size_t i = 0; i < e.size(); ++i) sent_[i] = end_[e.from(i)];
    const bool late = !e.wait.empty() || !e.delay.empty();
    double last = all_;
    for (std::size_t i = 0; i < e.size(); ++i) {
      const double busy = e.busy(i, bytes), leaves = late ? e.leaves(i, bytes) : busy;
      const double arrives = late ? e.arrives(i, bytes) : busy + e.latency[i];
      const double in = std::max(port_[e.to(i)] + busy, sent_[i] + arrives);
      port_[e.to(i)] = in;
      end_[e.to(i)] = std::max(end_[e.to(i)], in);
      end_[e.from(i)] = std::max(end_[e.from(i)], sent_[i] + leaves);
      last = std::max({last, end_[e.to(i)], end_[e.from(i)]});
    }
    all_ = last;
  }

  /// The same for a shift.
  void shift_once(const edges& e, double bytes) {
    busy_.resize(e.size()), arrives_.resize(e.size());
    for (std::size_t i = 0; i < e.size(); ++i) busy_[i] = e.busy(i, bytes), arrives_[i] = e.arrives(i, bytes);
    sent_.assign(end_.begin(), end_.end());
    double last = all_;
    const auto pass = [&](std::size_t first, std::size_t count, std::size_t to) {
      const std::uint16_t* const from_class = e.shift.classes.data() + first;
      const std::uint16_t* const to_class = e.shift.classes.data() + to;
      for (std::size_t i = 0; i < count; ++i) {
        const double in = std::max(port_[to + i] + busy_[from_class[i]], sent_[first + i] + arrives_[from_class[i]]);
        port_[to + i] = in;
        end_[to + i] = std::max(in, sent_[to + i] + busy_[to_class[i]]);
        last = std::max(last, end_[to + i]);
      }
    };
    const std::size_t offset = e.shift.offset;
    pass(0, ranks_ - offset, offset), pass(ranks_ - offset, offset, 0);
    all_ = last;
  }

  /// The same where messages come in images; ranks are walked in their order.
  void once_in_images(const edges& e, double bytes) {
    sent_ = end_;
    const std::size_t images = e.images.size();
    double last = all_;
    const auto send = [&](std::size_t i, std::size_t image) {
      const std::size_t slope = e.images_differ() ? i * images + image : i;
      const auto by = static_cast<std::size_t>(e.images[image]), from = e.from(i) + by, to = e.to(i) + by;
      const double busy = e.busy(slope, bytes), in = std::max(port_[to] + busy, sent_[from] + busy + e.latency[i]);
      port_[to] = in;
      end_[to] = std::max(end_[to], in);
      end_[from] = std::max(end_[from], sent_[from] + busy);
      last = std::max({last, end_[to], end_[from]});
    };
    if (images > 1 && e.images[1] == 1)
      for (std::size_t i = 0; i < e.size(); ++i)
        for (std::size_t image = 0; image < images; ++image) send(i, image);
    else
      for (std::size_t image = 0; image < images; ++image)
        for (std::size_t i = 0; i < e.size(); ++i) send(i, image);
    all_ = last;
  }

  std::size_t ranks_;
  round_t order_;
  double all_ = 0;  // when the last is done
  double doubt_ = 0;
  bool exact_ = true, rough_ = false;
  std::vector<double> end_, port_, sent_;
  std::vector<double> busy_, arrives_;  // of a class of messages
  longest_walk walk_;
};

}  // namespace colossus::detail
