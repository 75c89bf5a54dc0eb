#include "disasm/x86_lane.h"

#include <algorithm>
#include <bit>
#include <deque>

#include "disasm/sweep.h"

namespace abiscope::disasm::x86 {

namespace {

// Whether an instruction hands control on for good.
enum class Departure : std::uint8_t { none, call, jump };

Departure departure_of(std::span<const std::byte> instruction) {
    auto at = [&](std::size_t i) { return i < instruction.size() ? static_cast<unsigned>(instruction[i]) : 0U; };
    // BND, NOTRACK and REX.
    std::size_t i = 0;
    while (at(i) == 0xf2 || at(i) == 0xf3 || at(i) == 0x3e || (at(i) & 0xf0) == 0x40) ++i;
    unsigned group = (at(i + 1) >> 3) & 7;
    switch (at(i)) {
        case 0xc2:      // RET
        case 0xc3:
        case 0xcc:      // INT3
        case 0xe9:      // JMP
        case 0xeb:
        case 0xf4: return Departure::jump;      // HLT
        case 0xe8: return Departure::call;
        case 0xff: return group == 4 ? Departure::jump : group == 2 ? Departure::call : Departure::none;
        case 0x0f: return at(i + 1) == 0x0b ? Departure::jump : Departure::none;    // UD2
        default: return Departure::none;
    }
}

// The uses of features since the last place that decided whether they are to be trusted.
//
// A lane is moved by two hands: the fast loop steps over plain instructions up to fast_stop(), and go_on() does everything else. So
// several lanes can be stepped in one loop: finding the length of one instruction after the other is all waiting, and a processor
// waits for four of them in the time of one.
class Lane {
public:
    Lane(const FastDecoder& decoder, LaneTask& task, const std::optional<Carry>& from)
        : decoder_(decoder), section_(*task.section), piece_(task.piece), result_(task.result) {
        at_ = piece_.start;
        if (from) {
            at_ = from->at;
            before_ = from->before;
            disturbed_ = from->disturbed;
        }
        enter_first_function();
        if (!from && piece_.guessed) {
            counting_ = false;
            phase_ = Phase::falling_into_step;
            walk_to(piece_.start + run_in);
        } else {
            start_counting();
        }
    }

    [[nodiscard]] const std::byte* bytes() const { return section_.bytes.data(); }
    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] std::size_t before() const { return before_; }
    [[nodiscard]] std::size_t fast_stop() const { return fast_stop_; }

    void stand_at(std::size_t at, std::size_t before) {
        at_ = at;
        before_ = before;
    }

    [[nodiscard]] bool ready() { return at_ < fast_stop_ || go_on(); }

    // Does what the fast loop cannot, until it can again. False: the lane has come to its end, and its result is complete.
    [[nodiscard]] bool go_on() {
        while (phase_ != Phase::done) {
            if (at_ < stop_) {
                odd_step();
            } else if (more_) {
                cross(section_.syncs[next_sync_++]);
                straight_on();
            } else {
                end_walk();
            }
            if (at_ < fast_stop_) return true;
        }
        return false;
    }

private:
    enum class Phase : std::uint8_t { falling_into_step, counting, looking_ahead, done };

    struct Pending {
        std::size_t at;
        NeedsCode code;
        Landmark probe;
        std::uint32_t function;
    };

    void start_counting() {
        counting_ = true;
        result_.begin = carry();
        phase_ = Phase::counting;
        walk_to(piece_.next_guessed ? piece_.end + run_in : piece_.end);
    }

    // Decodes up to the first instruction at or after `stop`. Stops exactly there when a function starts there.
    void walk_to(std::size_t stop) {
        walk_stop_ = std::min(stop, section_.bytes.size());
        if (at_ < walk_stop_) {
            straight_on();
        } else {
            more_ = false;
            stop_ = fast_stop_ = 0;
        }
    }

    // Up to the next function, or the end of the walk.
    void straight_on() {
        more_ = next_sync_ < section_.syncs.size() && section_.syncs[next_sync_].start < walk_stop_;
        stop_ = more_ ? section_.syncs[next_sync_].start : walk_stop_;
        std::size_t size = section_.bytes.size();
        fast_stop_ = size < fast_read_ahead ? 0 : std::min(stop_, size - fast_read_ahead);
    }

    void end_walk() {
        // The piece ends where a function starts: what reached into it was no instruction.
        if (at_ > walk_stop_ && next_sync_ < section_.syncs.size() && section_.syncs[next_sync_].start == walk_stop_) {
            disturb(walk_stop_);
            at_ = walk_stop_;
        }
        switch (phase_) {
            case Phase::falling_into_step: start_counting(); return;
            case Phase::counting:
                result_.end = carry();
                if (!piece_.next_guessed) break;
                // What follows decides about the last uses, and is counted by the next piece.
                counting_ = false;
                phase_ = Phase::looking_ahead;
                walk_to(at_ + trust_distance);
                return;
            case Phase::looking_ahead:
            case Phase::done: break;
        }
        settle(no_end);
        phase_ = Phase::done;
        fast_stop_ = 0;
    }

    void odd_step() {
        if (skip_padding()) return;
        before_ = at_;
        odd_instruction(decoder_.measure(section_.bytes.data() + at_, section_.bytes.size() - at_));
    }

    void enter_first_function() {
        auto next = std::ranges::upper_bound(section_.syncs, at_, {}, &SyncPoint::start);
        next_sync_ = static_cast<std::size_t>(next - section_.syncs.begin());
        if (next_sync_ == 0) return;
        enter(section_.syncs[next_sync_ - 1]);
        if (function_end_ != no_end && at_ >= function_end_) enter({0, no_end, no_function});
    }

    [[nodiscard]] Carry carry() const {
        bool near = disturbed_ != no_end && at_ - disturbed_ < trust_distance;
        return {at_, before_, near ? disturbed_ : no_end};
    }

    void enter(const SyncPoint& sync) {
        function_ = sync.function;
        function_end_ = sync.end;
    }

    void cross(const SyncPoint& sync) {
        if (at_ > sync.start) disturb(sync.start);
        settle(no_end);
        disturbed_ = no_end;
        before_ = no_end;
        at_ = sync.start;
        enter(sync);
    }

    // Zeros between functions (Free Pascal pads with them): read as code, one of them would swallow the first instruction of the next
    // function.
    bool skip_padding() {
        if (section_.bytes[at_] != std::byte{0} || before_ == no_end) return false;
        auto zero = [this](std::size_t at) { return at < section_.bytes.size() && section_.bytes[at] == std::byte{0}; };
        std::size_t end = at_;
        switch (departure_of(section_.bytes.subspan(before_, at_ - before_))) {
            case Departure::none: return false;
            case Departure::jump:
                while (end < stop_ && zero(end)) ++end;
                break;
            case Departure::call:
                // Most calls come back. Only zeros that fill up to an aligned address are padding after one that does not.
                do {
                    if (!zero(end)) return false;
                } while ((section_.address + ++end) % 8 != 0);
                break;
        }
        at_ = std::min(end, stop_);
        return true;
    }

    void odd_instruction(const Measure& measure) {
        if (measure.length == 0) {
            if (counting_) ++result_.undecodable;
            disturb(at_);
            at_ += 1;
            return;
        }
        switch (measure.landmark) {
            case Landmark::none: break;
            case Landmark::implausible:
                disturb(at_);
                skip_zeros();
                break;
            case Landmark::cpuid:
            case Landmark::xgetbv:
            case Landmark::rdssp: use(0, measure.landmark); break;
        }
        if (measure.code != 0) use(measure.code, Landmark::none);
        at_ += measure.length;
    }

    // Zeros decode as one ADD [RAX],AL after the other. Leaves the last for the caller to step over.
    void skip_zeros() {
        auto pair_at = [this](std::size_t at) {
            return at + 2 <= section_.bytes.size() && section_.bytes[at] == std::byte{0} && section_.bytes[at + 1] == std::byte{0};
        };
        if (!pair_at(at_)) return;
        while (at_ + 2 < stop_ && pair_at(at_ + 2)) at_ += 2;
        disturb(at_);
    }

    void use(NeedsCode code, Landmark probe) {
        if (!counting_) return;
        leave_function_behind(at_);
        Pending pending{at_, code, probe, function_};
        if (disturbed_ != no_end && at_ - disturbed_ < trust_distance) {
            decide(pending, false);
            return;
        }
        settle(at_);
        pending_.push_back(pending);
    }

    // Something at `at` is no code.
    void disturb(std::size_t at) {
        leave_function_behind(at);
        while (!pending_.empty()) {
            decide(pending_.front(), at - pending_.front().at >= trust_distance);
            pending_.pop_front();
        }
        disturbed_ = at;
    }

    // Past the known end of a function lies padding, which says nothing about the function.
    void leave_function_behind(std::size_t at) {
        if (function_end_ == no_end || at < function_end_) return;
        settle(no_end);
        disturbed_ = no_end;
        function_ = no_function;
        function_end_ = no_end;
    }

    // Uses far enough before `at` are clean: nothing that comes can cast doubt on them.
    void settle(std::size_t at) {
        while (!pending_.empty() && (at == no_end || at - pending_.front().at >= trust_distance)) {
            decide(pending_.front(), true);
            pending_.pop_front();
        }
    }

    void decide(const Pending& pending, bool clean) {
        if (pending.probe != Landmark::none) {
            ++result_.probe_count;
            if (result_.probes.size() < sweep_max_probes) result_.probes.push_back({pending.probe, pending.at, pending.function, clean});
            return;
        }
        Tally& tally = result_.tallies[pending.code];
        ++(clean ? tally.clean : tally.doubtful);
        std::size_t& first = clean ? tally.first_clean : tally.first_doubtful;
        first = std::min(first, pending.at);
        if (result_.functions.empty() || result_.functions.back().function != pending.function) {
            result_.functions.push_back({.function = pending.function, .first = pending.at, .clean = {}, .doubtful = {}});
        }
        (clean ? result_.functions.back().clean : result_.functions.back().doubtful).set(pending.code);
    }

    const FastDecoder& decoder_;
    const Section& section_;
    const Piece& piece_;
    LaneResult& result_;
    std::deque<Pending> pending_;
    std::size_t at_ = 0;
    std::size_t before_ = no_end;           // where the instruction before at_ starts
    std::size_t walk_stop_ = 0;
    std::size_t stop_ = 0;                  // of the straight run: the next function, or walk_stop_
    std::size_t fast_stop_ = 0;             // and how far into it the fast loop may go
    std::size_t next_sync_ = 0;
    std::size_t disturbed_ = no_end;        // the last place that is no code
    std::size_t function_end_ = no_end;
    std::uint32_t function_ = no_function;
    Phase phase_ = Phase::counting;
    bool more_ = false;                     // a function starts at stop_
    bool counting_ = true;
};

// Steps lanes, all of them ready, until one ends; returns which. The others need not be ready.
template <bool Wide, std::size_t Count>
std::size_t run_abreast(const std::array<Lane*, Count>& lanes) {
    std::array<const std::byte*, Count> bytes{};
    std::array<std::size_t, Count> at{};
    std::array<std::size_t, Count> before{};
    std::array<std::size_t, Count> stop{};
    auto load = [&](std::size_t i) {
        bytes[i] = lanes[i]->bytes();
        at[i] = lanes[i]->at();
        before[i] = lanes[i]->before();
        stop[i] = lanes[i]->fast_stop();
    };
    for (std::size_t i = 0; i < Count; ++i) load(i);
    while (true) {
        unsigned odd = 0;
        for (std::size_t i = 0; i < Count; ++i) {
            Step step = plain_step<Wide>(bytes[i] + at[i]);
            before[i] = step.plain ? at[i] : before[i];
            at[i] += step.plain ? step.length : 0;
            odd |= static_cast<unsigned>(!step.plain || at[i] >= stop[i]) << i;
        }
        for (; odd != 0; odd &= odd - 1) {
            auto i = static_cast<std::size_t>(std::countr_zero(odd));
            lanes[i]->stand_at(at[i], before[i]);
            if (!lanes[i]->go_on()) {
                for (std::size_t other = 0; other < Count; ++other) {
                    if (other != i) lanes[other]->stand_at(at[other], before[other]);
                }
                return i;
            }
            load(i);
        }
    }
}

template <bool Wide>
void run_to_the_end(Lane& lane) {
    if (lane.ready()) run_abreast<Wide, 1>({&lane});
}

constexpr std::size_t abreast = 4;

template <bool Wide>
void run(const FastDecoder& decoder, std::span<LaneTask> tasks) {
    std::array<std::optional<Lane>, abreast> lanes;
    std::size_t next = 0;
    // A lane of the next tasks that has something to step; the others are done by then.
    auto fill = [&](std::optional<Lane>& lane) {
        while (next < tasks.size()) {
            if (lane.emplace(decoder, tasks[next++], std::nullopt).ready()) return true;
        }
        lane.reset();
        return false;
    };
    bool full = std::ranges::all_of(lanes, fill);
    while (full) {
        std::array<Lane*, abreast> together{};
        std::ranges::transform(lanes, together.begin(), [](std::optional<Lane>& lane) { return &*lane; });
        std::size_t ended = run_abreast<Wide>(together);
        for (std::size_t i = 0; full && i < abreast; ++i) {
            if (i == ended || !lanes[i]->ready()) full = fill(lanes[i]);
        }
    }
    for (std::optional<Lane>& lane : lanes) {
        if (lane) run_to_the_end<Wide>(*lane);
    }
}

}  // namespace

void run_lanes(const FastDecoder& decoder, std::span<LaneTask> tasks) {
    decoder.wide() ? run<true>(decoder, tasks) : run<false>(decoder, tasks);
}

void run_again(const FastDecoder& decoder, LaneTask& task, const Carry& from) {
    task.result = {};
    Lane lane(decoder, task, from);
    decoder.wide() ? run_to_the_end<true>(lane) : run_to_the_end<false>(lane);
}

}  // namespace abiscope::disasm::x86
