// SPDX-License-Identifier: Apache-2.0
// Data races between the threads of running kernels, by happens-before: whether or not they showed in this schedule.
// PTX's memory model, simplified: releases, acquires, fences, barriers and read-modify-writes order, each within its
// scope.
#pragma once

#include "shadow.hpp"

#include <map>
#include <string>

namespace ptx {

/// Bytes [lo, hi) and how the kernel touched them.
struct touched_range {
  std::uintptr_t lo, hi;
  bool write, strong;
};

class race_check {
 public:
  explicit race_check(const std::vector<thread>& threads) : threads_{threads} {}
  void grow() { clocks_.resize(threads_.size()); }

  /// Words that carry data and a flag at once: to overwrite one is a mistake, unless its reader is known to be done.
  void add_payload(std::uintptr_t lo, std::uintptr_t hi) { payload_.emplace_back(lo, hi); }

  void read(const thread& me, std::uintptr_t address, std::size_t bytes, access_kind kind) {
    shadow_.for_each(address, bytes, [&](std::uintptr_t at, piece& in) {
      synchronise(me, in, kind);
      if (conflicts(me, in.writer, kind)) report(me, in.writer, "reads what", "writes");
      if (!kind.strong() || !in_payload(at) || !has_read(me, in)) remember_reader(in, now(me, kind));
      in.how |= kind.strong() ? strong_read : plain_read;
    });
  }
  void write(const thread& me, std::uintptr_t address, std::size_t bytes, access_kind kind) {
    const past_access access = now(me, kind);
    const std::shared_ptr<publication> released = publication_of(me, kind);
    shadow_.for_each(address, bytes, [&](std::uintptr_t at, piece& in) { replace(me, at, in, access, released); });
  }
  /// A read-modify-write: a release that it meets stays one.
  void update(const thread& me, std::uintptr_t address, std::size_t bytes, access_kind kind) {
    const past_access access = now(me, kind);
    const std::shared_ptr<publication> own = publication_of(me, kind);
    shadow_.for_each(address, bytes, [&](std::uintptr_t at, piece& in) {
      synchronise(me, in, kind);
      const std::shared_ptr<publication> kept = own ? own : in.released;
      if (own && in.released) kept->known = merged(own->known, in.released->known);
      in.how |= strong_read;
      replace(me, at, in, access, kept);
    });
  }
  void fence(const thread& me, scope reach) { clocks_.fence(me.id, reach); }
  void arrive(const thread& me, std::uint32_t barrier) { clocks_.arrive(me.id, *me.in, barrier); }
  void complete(const block& in, std::uint32_t barrier) { clocks_.complete(in, barrier); }
  void leave(const thread& me, std::uint32_t barrier) { clocks_.leave(me.id, *me.in, barrier); }

  /// What was found, and how often.
  const std::map<std::string, unsigned>& reports() const { return reports_; }

  /// What the kernels touched, each kind of access by itself.
  std::vector<touched_range> ranges() const {
    std::vector<touched_range> all;
    for (const touched kind : {plain_read, plain_write, strong_read, strong_write}) {
      const bool write = kind == plain_write || kind == strong_write, strong = kind >= strong_read;
      const std::size_t first = all.size();
      shadow_.for_each_touched([&](std::uintptr_t address, std::uintptr_t bytes, const piece& in) {
        if ((in.how & kind) == 0) return;
        if (all.size() > first && all.back().hi == address) all.back().hi += bytes;
        else all.push_back({address, address + bytes, write, strong});
      });
    }
    return all;
  }

 private:
  past_access now(const thread& me, access_kind kind) const {
    return {static_cast<std::uint32_t>(me.id), clocks_.now(me.id), static_cast<std::uint32_t>(me.pc), kind};
  }
  bool together(const thread& a, const thread& b, scope reach) const {
    return reach == scope::system || a.in == b.in || (reach == scope::device && a.of == b.of);
  }
  bool unordered(const thread& me, const past_access& past) const {
    return past.thread != past_access::nobody && !clocks_.knows(me.id, past.thread, past.time);
  }
  /// Two strong accesses, each within the other's scope, do not race.
  bool conflicts(const thread& me, const past_access& past, access_kind kind) const {
    if (!unordered(me, past)) return false;
    const thread& other = threads_[past.thread];
    return !past.kind.strong() || !kind.strong() || !together(me, other, kind.reach) ||
           !together(me, other, past.kind.reach);
  }
  void synchronise(const thread& me, const piece& in, access_kind kind) {
    if (!in.released || !kind.strong()) return;
    const thread& other = threads_[in.released->by];
    if (!together(me, other, kind.reach) || !together(me, other, in.released->reach)) return;
    if (kind.acquires()) clocks_.learn(me.id, in.released->known);
    else clocks_.learn_at_fence(me.id, in.released->known);
  }
  std::shared_ptr<publication> publication_of(const thread& me, access_kind kind) {
    const auto by = static_cast<std::uint32_t>(me.id);
    if (kind.releases()) return std::make_shared<publication>(publication{clocks_.publish(me.id), by, kind.reach});
    if (kind.strong() && clocks_.fenced(me.id).known) return std::make_shared<publication>(clocks_.fenced(me.id));
    return nullptr;
  }
  void replace(const thread& me, std::uintptr_t at, piece& in, const past_access& access,
               const std::shared_ptr<publication>& released) {
    const access_kind kind = access.kind;
    if (conflicts(me, in.writer, kind)) report(me, in.writer, "writes what", "writes");
    after_reader(me, at, in, in.reader, kind);
    for (const auto& reader : in.more_readers) after_reader(me, at, in, reader, kind);
    in.reader = {};
    in.more_readers.clear();
    in.writer = access;
    in.released = released;
    in.how |= kind.strong() ? strong_write : plain_write;
  }
  void after_reader(const thread& me, std::uintptr_t at, const piece& in, const past_access& reader, access_kind kind) {
    if (conflicts(me, reader, kind)) return report(me, reader, "writes what", "reads");
    const bool first = in.writer.thread == past_access::nobody;
    if (!first && unordered(me, reader) && in_payload(at))
      report(me, reader, "overwrites the message that", "consumes");
  }
  bool in_payload(std::uintptr_t at) const {
    return std::any_of(payload_.begin(), payload_.end(), [&](const auto& p) { return p.first <= at && at < p.second; });
  }
  /// Of a message the first read is the one that consumes it; those after it wait for the next message.
  static bool has_read(const thread& me, const piece& in) {
    const auto is_mine = [&](const past_access& past) { return past.thread == me.id; };
    return is_mine(in.reader) || std::any_of(in.more_readers.begin(), in.more_readers.end(), is_mine);
  }
  /// A reader whose access lies before the new one, and was no weaker to catch, needs not be kept.
  bool supersedes(const past_access& reader, const past_access& past) const {
    if (past.thread == past_access::nobody) return true;
    return (past.kind.strong() || !reader.kind.strong()) && clocks_.knows(reader.thread, past.thread, past.time);
  }
  void remember_reader(piece& in, const past_access& reader) {
    if (supersedes(reader, in.reader)) {
      in.reader = reader;
      return;
    }
    const auto past = std::find_if(in.more_readers.begin(), in.more_readers.end(),
                                   [&](const past_access& old) { return supersedes(reader, old); });
    if (past == in.more_readers.end()) in.more_readers.push_back(reader);
    else *past = reader;
  }
  void report(const thread& me, const past_access& past, const char* does, const char* did) {
    ++reports_["'" + me.of->code->lines[me.pc] + "' " + does + " '" + threads_[past.thread].of->code->lines[past.line] +
               "' " + did + " in another thread, and nothing orders them"];
  }

  const std::vector<thread>& threads_;
  clocks clocks_;
  shadow shadow_;
  std::vector<std::pair<std::uintptr_t, std::uintptr_t>> payload_;
  std::map<std::string, unsigned> reports_;
};

}  // namespace ptx
