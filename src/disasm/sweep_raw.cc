#include "disasm/sweep_raw.h"

#include <algorithm>

#include <tbb/parallel_for.h>

#include "base/checked.h"
#include "bytes/endian.h"
#include "disasm/arm64_features.h"
#include "disasm/sweep.h"
#include "disasm/x86_lane.h"

namespace abiscope::disasm {

namespace {

// Tasks of one thread at a time: enough that the lanes of a thread are rarely fewer than it steps together.
constexpr std::size_t tasks_at_a_time = 16;

void run_x86(const Code& code, const std::vector<Section>& sections, std::size_t size, RawSweep& raw) {
    x86::FastDecoder decoder(code.architecture());
    std::vector<x86::LaneTask> tasks;
    for (const Section& section : sections) {
        for (const Piece& piece : pieces_of(section, size)) tasks.push_back({&section, piece, {}});
    }
    tbb::parallel_for(std::size_t{0}, (tasks.size() + tasks_at_a_time - 1) / tasks_at_a_time, [&](std::size_t group) {
        std::span<x86::LaneTask> mine = std::span(tasks).subspan(group * tasks_at_a_time);
        x86::run_lanes(decoder, mine.first(std::min(mine.size(), tasks_at_a_time)));
    });
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        x86::LaneTask& task = tasks[i];
        // A guess that had not fallen into step when it began to count is done again from where the piece before it ended.
        if (task.piece.guessed && task.result.begin != tasks[i - 1].result.end) x86::run_again(decoder, task, tasks[i - 1].result.end);
        raw.add(task.result, task.section->address);
    }
}

void run_arm64(const std::vector<Section>& sections, RawSweep& raw) {
    for (const Section& section : sections) {
        LaneResult result;
        auto sync = section.syncs.begin();
        std::uint32_t function = no_function;
        for (std::size_t at = (4 - section.address % 4) % 4; at + 4 <= section.bytes.size(); at += 4) {
            while (sync != section.syncs.end() && sync->start <= at) function = (sync++)->function;
            auto word = load<std::uint32_t>(section.bytes.data() + at, Endian::little);
            if (arm64::is_unallocated(word)) result.undecodable += 4;
            std::uint8_t code = arm64::needs_code(word);
            if (code == 0) continue;
            // Words do not lose step, but data between functions reads as instructions all the same.
            auto strange = [&](std::size_t near) {
                return near + 4 <= section.bytes.size() &&
                    arm64::is_unallocated(load<std::uint32_t>(section.bytes.data() + near, Endian::little));
            };
            bool clean = true;
            std::size_t from = at < trust_distance ? at % 4 : at - trust_distance;
            for (std::size_t near = from; clean && near < at + trust_distance; near += 4) clean = !strange(near);
            Tally& tally = result.tallies[code];
            ++(clean ? tally.clean : tally.doubtful);
            std::size_t& first = clean ? tally.first_clean : tally.first_doubtful;
            first = std::min(first, at);
            if (result.functions.empty() || result.functions.back().function != function) {
                result.functions.push_back({.function = function, .first = at, .clean = {}, .doubtful = {}});
            }
            (clean ? result.functions.back().clean : result.functions.back().doubtful).set(code);
        }
        raw.add(result, section.address);
    }
}

std::uint64_t total_bytes(const std::vector<Section>& sections) {
    std::uint64_t total = 0;
    for (const Section& section : sections) total += section.bytes.size();
    return total;
}

}  // namespace

Needs RawSweep::needs(std::uint8_t code) const {
    if (is_x86(architecture)) return x86::needs(code, architecture);
    // Tallies have room for every code there could be; an architecture's table names only some.
    if (architecture != Architecture::arm64 || code == 0 || code > arm64::encodings().size()) return {};
    const arm64::Encoding& row = arm64::encodings()[code - 1U];
    return {row.feature, row.second, Absence::illegal};
}

void RawSweep::add(const LaneResult& lane, std::uint64_t address) {
    bytes_undecodable += lane.undecodable;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        const Tally& from = lane.tallies[i];
        tallies[i].clean += from.clean;
        tallies[i].doubtful += from.doubtful;
        if (from.clean != 0) tallies[i].first_clean = std::min(tallies[i].first_clean, address + from.first_clean);
        if (from.doubtful != 0) tallies[i].first_doubtful = std::min(tallies[i].first_doubtful, address + from.first_doubtful);
    }
    for (const FunctionTally& from : lane.functions) {
        if (!functions.empty() && functions.back().function == from.function) {
            functions.back().clean |= from.clean;
            functions.back().doubtful |= from.doubtful;
        } else {
            functions.push_back({.function = from.function, .first = address + from.first, .clean = from.clean, .doubtful = from.doubtful});
        }
    }
    probe_count += lane.probe_count;
    for (const ProbeTally& from : lane.probes) {
        if (probes.size() == sweep_max_probes) break;
        probes.push_back({.landmark = from.landmark, .address = address + from.at, .function = from.function, .clean = from.clean});
    }
}

Section section_of(const Code& code, const CodeRange& range, std::uint64_t from, std::uint64_t to) {
    Section section{.bytes = range.bytes.bytes().subspan(from, to - from), .address = range.address + from, .syncs = {}};
    auto function = std::ranges::lower_bound(code.functions(), section.address, {}, &Function::address);
    for (; function != code.functions().end() && function->address - section.address < to - from; ++function) {
        std::size_t start = function->address - section.address;
        std::size_t end = function->size == 0 ? no_end : checked_add<std::size_t>(start, function->size).value_or(no_end);
        section.syncs.push_back({start, end, static_cast<std::uint32_t>(function - code.functions().begin())});
    }
    return section;
}

std::vector<Section> sections_of(const Code& code) {
    std::vector<Section> sections;
    auto add = [&](const CodeRange& range, std::uint64_t from, std::uint64_t to) {
        if (from < to) sections.push_back(section_of(code, range, from, to));
    };
    for (const CodeRange& range : code.ranges()) {
        std::uint64_t from = 0;
        std::uint64_t size = range.bytes.size();
        for (const AddressRange& data : code.data()) {
            std::uint64_t start = data.address < range.address ? 0 : data.address - range.address;
            std::uint64_t skipped = data.address < range.address ? range.address - data.address : 0;
            if (start >= size || data.size <= skipped) continue;
            add(range, from, start);
            from = std::max(from, start + std::min(data.size - skipped, size - start));
        }
        add(range, from, size);
    }
    return sections;
}

std::vector<Piece> pieces_of(const Section& section, std::size_t size) {
    std::vector<Piece> pieces;
    std::size_t total = section.bytes.size();
    Piece piece;
    while (piece.start < total) {
        piece.end = total;
        piece.next_guessed = false;
        // A guess needs room to fall into step before the section ends, and no function may start there.
        if (total - piece.start >= 2 * size) {
            std::size_t wanted = piece.start + size;
            auto sync = std::ranges::lower_bound(section.syncs, wanted, {}, &SyncPoint::start);
            bool near = sync != section.syncs.end() && sync->start - wanted < size / 2;
            piece.end = near ? sync->start : wanted;
            piece.next_guessed = !near;
        }
        pieces.push_back(piece);
        piece = {.start = piece.end, .end = 0, .guessed = piece.next_guessed, .next_guessed = false};
    }
    return pieces;
}

RawSweep sweep_raw(const Code& code, std::size_t piece) {
    RawSweep raw{.architecture = code.architecture()};
    std::vector<Section> sections = sections_of(code);
    raw.bytes_swept = total_bytes(sections);
    for (const CodeRange& range : code.ranges()) raw.bytes_data += range.bytes.size();
    raw.bytes_data -= std::min(raw.bytes_data, raw.bytes_swept);
    if (is_x86(code.architecture())) {
        raw.features_known = true;
        run_x86(code, sections, std::max(piece, 8 * run_in), raw);
    } else if (code.architecture() == Architecture::arm64) {
        raw.features_known = true;
        run_arm64(sections, raw);
    }
    return raw;
}

}  // namespace abiscope::disasm
