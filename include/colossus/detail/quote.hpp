// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_models.hpp>
#include <colossus/detail/dissect.hpp>
#include <colossus/detail/lane_work.hpp>
#include <colossus/price.hpp>

namespace colossus::detail {

/// Blocks in which each byte lies: where input and output have blocks of their own, two.
template <class Collective>
constexpr double copies() {
  return requires { Collective::separate_output; }
  ? 2.0 : 1.0;
}

/// What set the time, and how busy each kind of link was.
template <class Study, topology T>
void explain(price& p, const Study& study, const T& machine, const slicing& parts, double bytes) {
  const double scale = parts.in_step() ? bytes / parts.lanes : bytes;  // a study in step holds all lanes
  const traffic& busy = study.busy();
  p.utilisation = busy.mean;
  for (double& mean : p.utilisation) mean = p.seconds > 0 ? mean * scale / p.seconds : 0;
  const bool by_bandwidth = busy.most > 0 && busy.most * scale >= 0.5 * p.seconds;
  p.limit = by_bandwidth ? machine.kinds()[static_cast<std::size_t>(machine.kind(busy.busiest))] : "latency";
  p.limit_link = by_bandwidth ? machine.link_name(busy.busiest) : "";
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Sizes in an order that leaves most to interpolation: of those with equally many generations the outermost first,
/// then the middle one, then the middles of what is between.
inline std::vector<std::size_t> halving(std::span<const slicing> slices) {
  std::map<round_t, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < slices.size(); ++i) alike[slices[i].generations].push_back(i);
  std::vector<std::size_t> order;
  for (const auto& [generations, all] : alike) {
    order.push_back(all.back());
    if (all.size() > 1) order.push_back(all.front());
    std::vector<std::pair<std::size_t, std::size_t>> gaps{{0, all.size() - 1}};
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const auto [low, high] = gaps[i];
      if (high - low < 2) continue;
      const std::size_t middle = low + (high - low) / 2;
      order.push_back(all[middle]);
      gaps.insert(gaps.end(), {{low, middle}, {middle, high}});
    }
  }
  return order;
}

/// What is priced together: sizes whose schedules have one outline.
struct order_book {
  outline what;
  std::vector<slicing> slices;
  std::vector<double> bytes;   // that all blocks stand for
  std::vector<price*> prices;  // [option * sizes + size]
};

/// Prices all sizes under each of the options.
template <class Model, topology T>
void quote_together(const order_book& book, const T& machine, placements groups,
                    std::span<const simulate_options> options) {
  const slicing& first = book.slices.front();
  const std::vector<std::size_t> order = halving(book.slices);
  const bool staggered = !std::ranges::all_of(book.slices, &slicing::in_step);
  study<T, Model> study{machine, book.what, first.in(groups), staggered};
  timer time{study};
  const int lanes = std::ranges::max(book.slices, {}, &slicing::lanes).lanes;
  lane_work side_by_side{study, machine, first.in(groups), lanes};
  const crew all = first.in(groups);
  bool copies_differ = all.rotation > 1 && all.lanes > 1 && all.root != crew::no_root;  // a root stays where it is
  if constexpr (requires { machine.healthy(); })  // where parts are broken one copy meets them and another does not
    copies_differ |= !machine.healthy() && all.copies() > 1;
  for (std::size_t option = 0; option < options.size(); ++option) {
    const routing_options& routes = options[option].routing;
    const bool drawn = routes.kind == routing::ecmp;
    packet_effects packets = options[option].packets;
    if (options[option].cost_model == model::alpha_beta) packets.queue_packets = 0;  // nobody meets anybody
    study.use(packets, options[option].disturbed);
    for (int draw = 0; draw < (drawn ? routes.seeds : 1); ++draw) {
      const std::uint64_t seed = routes.seed + static_cast<std::uint64_t>(draw);
      if (study.draw(routes.kind, routes.queue_pairs, seed)) time.forget();
      if (staggered) side_by_side.draw(routes.kind, routes.queue_pairs, route_draw{seed});
      const double wire = draw == 0 ? study.wire_factor(first.in_step()) : 0;
      for (const std::size_t i : order) {
        price& p = *book.prices[option * order.size() + i];
        const slicing& slices = book.slices[i];
        const times core = time(slices.generations, book.bytes[i] / slices.lanes / slices.times);
        const double in_step = core.ends.empty() ? 0 : core.ends.back() * slices.times;
        p.draws.push_back(slices.in_step() ? in_step : side_by_side(slices, core));
        p.seconds = median(p.draws);
        p.kind = core.doubt > 0                                               ? "sampled"
                 : !drawn && !copies_differ && core.exact && slices.in_step() ? "exact"
                                                                              : "lockstep";
        p.doubt = std::max(p.doubt, core.doubt * slices.times);
        if (draw != 0) continue;
        explain(p, study, machine, slices, book.bytes[i]);
        p.wire_factor = wire;
        p.lanes = slices.lanes;
        p.chunk_bytes = static_cast<std::int64_t>(std::ceil(book.bytes[i] / slices.blocks));
      }
    }
  }
}

/// All rounds of a schedule, or where these are too many messages under the option a sample of them.
template <schedule S, topology T>
outline outline_under(const S& s, const slicing& slices, const T& machine, placements groups,
                      const simulate_options& option) {
  const std::size_t patterns = count_patterns(s), ranks = groups.size() * groups.front().size();
  if (patterns * ranks <= most_messages) return outline_of(s);
  if (patterns <= most_patterns && option.routing.kind == routing::adaptive && option.disturbed.none()) {
    outline what = outline_of(s);
    const likeness alike{machine, what, slices.in(groups)};
    if (patterns * ranks / static_cast<std::size_t>(alike.common().order()) <= most_messages) return what;
  }
  return sample_of(s, groups.size());
}

/// Prices a book whose schedules have the core `s`: all of its rounds, or under those options where these are too many
/// messages a sample of them.
template <schedule S, topology T>
void quote_book(order_book& book, const S& s, const T& machine, placements groups,
                std::span<const simulate_options> options) {
  const auto priced = [&](order_book& some, std::span<const simulate_options> under) {
    if (under.front().cost_model == model::alpha_beta)
      quote_together<cost_models::alpha_beta>(some, machine, groups, under);
    else quote_together<cost_models::max_min>(some, machine, groups, under);
  };
  const std::size_t patterns = count_patterns(s), ranks = groups.size() * groups.front().size();
  if (patterns * ranks <= most_messages) {
    book.what = outline_of(s);
    return priced(book, options);
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::size_t sizes = book.slices.size();
    order_book one{{}, book.slices, book.bytes, {}};
    one.prices.assign(book.prices.begin() + static_cast<std::ptrdiff_t>(i * sizes),
                      book.prices.begin() + static_cast<std::ptrdiff_t>((i + 1) * sizes));
    one.what = outline_under(s, book.slices.front(), machine, groups, options[i]);
    priced(one, options.subspan(i, 1));
  }
}

/// One price a request under each of the options, prices[option][request]. Requests whose schedules differ only in the
/// number of chunks or lanes share their study, and so do routings under which messages go equally fast.
template <class Collective, class Requests, topology T>
std::vector<std::vector<price>> quote(const Requests& requests, const T& machine, placements groups,
                                      std::span<const simulate_options> options) {
  std::vector<decltype(dissect(requests[0].schedule))> parts;
  for (const auto& request : requests) parts.push_back(dissect(request.schedule));
  std::vector prices(options.size(), std::vector<price>(parts.size()));
  std::vector<bool> done(parts.size(), false);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (done[i]) continue;
    order_book book{};
    std::vector<std::size_t> which;
    for (std::size_t j = i; j < parts.size(); ++j)
      if (!done[j] && alike(parts[i], parts[j])) which.push_back(j), done[j] = true;
    for (const std::size_t j : which) {
      book.slices.push_back(parts[j].slices);
      book.bytes.push_back(copies<Collective>() * static_cast<double>(requests[j].bytes));
    }
    for (auto& of_option : prices)
      for (const std::size_t j : which) book.prices.push_back(&of_option[j]);
    quote_book(book, parts[i].core, machine, groups, options);
  }
  for (auto& of_option : prices)
    for (price& p : of_option) p.wire_factor *= copies<Collective>();
  return prices;
}

}  // namespace colossus::detail
