#include "disasm/x86_lane.h"

#include <algorithm>
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
class Lane {
public:
    Lane(const FastDecoder& decoder, const Section& section, const Piece& piece) : decoder_(decoder), section_(section), piece_(piece) {}

    LaneResult run(const std::optional<Carry>& from) {
        at_ = piece_.start;
        if (from) {
            at_ = from->at;
            before_ = from->before;
            disturbed_ = from->disturbed;
        }
        enter_first_function();
        if (!from && piece_.guessed) {
            counting_ = false;
            walk(std::min(piece_.start + run_in, section_.bytes.size()));
            counting_ = true;
        }
        result_.begin = carry();
        bool open_end = piece_.next_guessed;
        walk(open_end ? std::min(piece_.end + run_in, section_.bytes.size()) : piece_.end);
        result_.end = carry();
        if (open_end) {
            // What follows decides about the last uses, and is counted by the next piece.
            counting_ = false;
            walk(std::min(at_ + trust_distance, section_.bytes.size()));
        }
        settle(no_end);
        return std::move(result_);
    }

private:
    struct Pending {
        std::size_t at;
        NeedsCode code;
        Landmark probe;
        std::uint32_t function;
    };

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

    // Decodes up to the first instruction at or after `stop`. Stops exactly there when a function starts there.
    void walk(std::size_t stop) {
        while (at_ < stop) {
            bool more = next_sync_ < section_.syncs.size() && section_.syncs[next_sync_].start < stop;
            std::size_t sync = more ? section_.syncs[next_sync_].start : stop;
            walk_straight(sync);
            if (!more) break;
            cross(section_.syncs[next_sync_++]);
        }
        // The piece ends where a function starts: what reached into it was no instruction.
        if (at_ > stop && next_sync_ < section_.syncs.size() && section_.syncs[next_sync_].start == stop) {
            disturb(stop);
            at_ = stop;
        }
    }

    void cross(const SyncPoint& sync) {
        if (at_ > sync.start) disturb(sync.start);
        settle(no_end);
        disturbed_ = no_end;
        before_ = no_end;
        at_ = sync.start;
        enter(sync);
    }

    void walk_straight(std::size_t stop) {
        stop_ = stop;
        decoder_.wide() ? walk_mode<true>(stop) : walk_mode<false>(stop);
    }

    template <bool Wide>
    void walk_mode(std::size_t stop) {
        const std::byte* start = section_.bytes.data();
        std::size_t size = section_.bytes.size();
        std::size_t fast_stop = size < fast_read_ahead ? 0 : std::min(stop, size - fast_read_ahead);
        std::size_t at = at_;
        std::size_t before = before_;
        while (at < stop) {
            while (at < fast_stop) {
                Step step = plain_step<Wide>(start + at);
                if (!step.plain) break;
                before = at;
                at += step.length;
            }
            if (at >= stop) break;
            at_ = at;
            if (!skip_padding(before)) {
                before = at;
                odd_instruction(decoder_.measure(start + at, size - at));
            }
            at = at_;
        }
        at_ = at;
        before_ = before;
    }

    // Zeros between functions (Free Pascal pads with them): read as code, one of them would swallow the first instruction of the next
    // function. `before`: where the instruction in front of them starts.
    bool skip_padding(std::size_t before) {
        if (section_.bytes[at_] != std::byte{0} || before == no_end) return false;
        auto zero = [this](std::size_t at) { return at < section_.bytes.size() && section_.bytes[at] == std::byte{0}; };
        std::size_t end = at_;
        switch (departure_of(section_.bytes.subspan(before, at_ - before))) {
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
    LaneResult result_;
    std::deque<Pending> pending_;
    std::size_t at_ = 0;
    std::size_t stop_ = 0;
    std::size_t next_sync_ = 0;
    std::size_t before_ = no_end;           // where the instruction before at_ starts
    std::size_t disturbed_ = no_end;        // the last place that is no code
    std::size_t function_end_ = no_end;
    std::uint32_t function_ = no_function;
    bool counting_ = true;
};

}  // namespace

LaneResult run_lane(const FastDecoder& decoder, const Section& section, const Piece& piece, const std::optional<Carry>& from) {
    return Lane(decoder, section, piece).run(from);
}

}  // namespace abiscope::disasm::x86
