// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/words.hpp>
#include <colossus/bench/whereabouts.hpp>

#include <ostream>

namespace colossus::bench::locate {

/// All that is known when suspects are named.
template <topology Fabric>
struct inquiry {
  const Fabric& machine;
  const node_names<Fabric>& names;
  routing_options how;
  const observed_table& table;
  const suspects& who;
  const expectation& expected;
  const findings& found;
};

/// Writes what the pairs say of a machine, in lines of 100 columns.
template <topology Fabric>
class report {
 public:
  report(std::ostream& out, const inquiry<Fabric>& about)
      : out_{out},
        about_{about},
        alike_{about.expected, about.found, about.found.order},
        clusters_{clusters_of(about.found, alike_, 3)} {}

  /// The exit status: 1 where a suspect is named, or pairs gave no time.
  int write() {
    write_silent();
    if (clusters_.empty())
      say("none",
          "nothing found: no pair is slow beside pairs like it (what all share is not judged: colossus-compare "
          "--expect)");
    for (std::size_t i = 0; i < clusters_.size(); ++i) write_cluster(i);
    for (const std::uint32_t who : besides())
      say("besides", phrase_of(about_.machine, about_.who.all()[who], about_.names) +
                         ": a fault of its own: explains what the first leaves");
    if (!clusters_.empty()) write_next();
    write_unseen();
    return clusters_.empty() && about_.table.silent.empty() ? 0 : static_cast<int>(failure::check);
  }

 private:
  void say(const std::string& label, const std::string& text) const { print_wrapped(out_, label, text, 10); }

  void write_cluster(std::size_t place) const {
    const cluster& c = clusters_[place];
    constexpr std::size_t most = 6;
    for (std::size_t i = 0; i < std::min(c.size(), most); ++i)
      say(i == 0 ? std::to_string(place + 1) : "    or",
          phrase_of(about_.machine, about_.who.all()[c[i]], about_.names));
    if (c.size() > most) say("    or", with_commas(std::ssize(c) - static_cast<std::int64_t>(most)) + " others alike");
    const score& s = about_.found.scores[c.front()];
    const bool own = place > 0 && std::ranges::find(about_.found.besides, c.front()) != about_.found.besides.end();
    say("", sentence_of(evidence_for(c.front(), about_.found, alike_), s.certainty) +
                (own ? "; a fault of its own: explains what the first leaves" : ""));
  }

  /// Other faults than the first, which the list of suspects does not hold.
  std::vector<std::uint32_t> besides() const {
    std::vector<std::uint32_t> others;
    for (const std::uint32_t who : about_.found.besides)
      if (std::ranges::none_of(clusters_, [&](const cluster& c) { return std::ranges::find(c, who) != c.end(); }))
        others.push_back(who);
    return others;
  }

  /// What would tell rivals apart: those that are one to these pairs, else the first two that nearly are.
  void write_next() const {
    std::vector<std::uint32_t> rivals = clusters_[0];
    if (rivals.size() == 1 && clusters_.size() > 1) rivals.push_back(clusters_[1].front());
    rivals.resize(std::min<std::size_t>(rivals.size(), 3));
    const char* label = "next";
    for (const telling_pair& p :
         pair_chooser{about_.machine, about_.who, about_.how, about_.table.pairs}.choose(rivals, alike_))
      say(std::exchange(label, ""), end_name(about_.machine, p.what.a, about_.names) + " with " +
                                        end_name(about_.machine, p.what.b, about_.names) + " by themselves: slow if " +
                                        part(p.slow_if) + ", not if " + part(p.not_if));
    const suspect& s = about_.who.all()[clusters_[0].front()];
    if (s.members.size() > 1)
      say(label,
          std::string{about_.how.kind == routing::ecmp ? "nobody knows the hash that leads messages to one of these"
                                                       : "adaptive routing spreads every message over all of these"} +
              ": no pair tells them apart; read their ports' error counters, or take them out one by one");
    else if (rivals.size() > 1 && std::string_view{label} == "next")
      say(label, "no pair by itself tells these apart: read the error counters and speeds of their ports");
  }
  std::string part(std::uint32_t who) const {
    const suspect& s = about_.who.all()[who];
    return (s.members.size() > 1 ? "it is one of " : "it is ") + part_name(about_.machine, s.of, s.members.front()) +
           (s.members.size() > 1 ? " ..." : "");
  }

  void write_silent() const {
    const auto& silent = about_.table.silent;
    if (silent.empty()) return;
    std::map<std::int64_t, std::size_t> of_rank;
    for (const pair_line& l : silent) ++of_rank[*l.src_rank], ++of_rank[*l.dst_rank];
    const auto most = std::ranges::max_element(of_rank, {}, [](const auto& r) { return r.second; });
    const auto one = std::ranges::find_if(
        silent, [&](const pair_line& l) { return l.src_rank == most->first || l.dst_rank == most->first; });
    const std::string host = one->src_rank == most->first ? one->src_host : one->dst_host;
    say("broken", with_commas(std::ssize(silent)) + (silent.size() == 1 ? " pair" : " pairs") +
                      " gave no time (first " + silent.front().status +
                      "): " + with_commas(static_cast<std::int64_t>(most->second)) + " of them with rank " +
                      std::to_string(most->first) + " on " + host);
  }

  /// Parts near the ranks that could run at half speed without showing in these pairs.
  void write_unseen() const {
    std::map<std::string, std::int64_t> seen;
    for (std::size_t i = 0; i < about_.who.all().size(); ++i)
      if (about_.found.scores[i].power > about_.found.threshold)
        seen[about_.who.all()[i].of.name] += std::ssize(about_.who.all()[i].members);
    colossus::bench::detail::whereabouts ranks{about_.machine};
    for (const observed_pair& p : about_.table.pairs) ranks.add(about_.machine, std::array{p.what.a, p.what.b});
    std::string unseen;
    for (const topologies::part_class& of : part_classes(about_.machine)) {
      using topologies::part_kind;
      if (of.kind == part_kind::node || of.kind == part_kind::pod) continue;
      std::int64_t near = 0;
      for (std::int64_t number = 0; number < of.count; ++number) near += ranks.near(about_.machine, of, number);
      if (const std::int64_t rest = near - seen[of.name]; rest > 0)
        unseen += (unseen.empty() ? "" : ", ") + with_commas(rest) + " of " + with_commas(near) + " x " + of.name;
    }
    if (!unseen.empty()) say("unseen", "at half speed these would not show in such pairs: " + unseen);
  }

  std::ostream& out_;
  inquiry<Fabric> about_;
  likeness alike_;
  std::vector<cluster> clusters_;
};

}  // namespace colossus::bench::locate
