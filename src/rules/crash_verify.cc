#include "rules/crash_verify.h"

#include <algorithm>

#include "base/text.h"
#include "rules/crash_builder.h"

namespace abiscope::rules {

namespace {

// Where a register or a field of the signal was read: the notes, or the frame of a signal handler.
struct Source {
    const core::SignalInfo* signal = nullptr;
    const core::Registers* registers = nullptr;
};

Source source_of(core::Crash& crash, std::uint64_t context) {
    if (context == 0) {
        const core::ThreadStatus* thread = crash.thread();
        const auto& signal = crash.process.notes.signal;
        return {signal ? &*signal : nullptr, thread != nullptr ? &thread->registers : nullptr};
    }
    if (crash.fault.context == context) return {&crash.fault.signal, &crash.fault.registers};
    for (const core::StackItem& item : crash.stack.items) {
        if (item.frame.signal && item.frame.signal->address == context) return {&item.frame.signal->info, &item.frame.signal->registers};
    }
    return {};
}

template <typename T>
std::optional<std::uint64_t> widened(const std::optional<T>& value) {
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

// By the names CauseBuilder::signal_field() is given.
std::optional<std::uint64_t> signal_field(const core::SignalInfo& signal, std::string_view name) {
    if (name == "number") return static_cast<std::uint64_t>(signal.number);
    if (!signal.complete) return std::nullopt;
    if (name == "code") return static_cast<std::uint64_t>(signal.code);
    if (name == "error") return static_cast<std::uint64_t>(static_cast<std::uint32_t>(signal.error));
    if (name == "address") return signal.address;
    if (name == "sender_pid") return widened(signal.sender_pid);
    if (name == "sender_uid") return widened(signal.sender_uid);
    if (name == "system_call") return widened(signal.system_call);
    if (name == "system_call_arch") return widened(signal.system_call_arch);
    if (name == "protection_key") return widened(signal.protection_key);
    return std::nullopt;
}

CheckedFact compared(const Fact& fact, std::optional<std::uint64_t> now) {
    if (!now) return {fact, FactState::not_there, {}};
    if (*now == fact.value) return {fact, FactState::holds, {}};
    return {fact, FactState::differs, hexadecimal(*now)};
}

CheckedFact check_memory(const core::Crash& crash, const Fact& fact) {
    std::size_t size = (fact.text.size() + 1) / 3;   // two digits and a blank for each byte
    std::vector<std::byte> bytes = crash.process.memory.read_some(fact.address, size);
    if (size == 0 || bytes.size() != size) return {fact, FactState::not_there, {}};
    std::string now = text::hex_bytes(bytes, " ");
    if (now != fact.text) return {fact, FactState::differs, std::move(now)};
    return {fact, FactState::holds, {}};
}

CheckedFact check(core::Crash& crash, const Fact& fact, const std::vector<Fact>& again) {
    switch (fact.kind) {
        case FactKind::signal: {
            Source source = source_of(crash, fact.context);
            return compared(fact, source.signal != nullptr ? signal_field(*source.signal, fact.name) : std::nullopt);
        }
        case FactKind::reg: {
            Source source = source_of(crash, fact.context);
            return compared(fact, source.registers != nullptr ? source.registers->get(fact.name) : std::nullopt);
        }
        case FactKind::memory: return check_memory(crash, fact);
        case FactKind::mapping: {
            const core::Region* region = crash.process.memory.region_at(fact.address);
            std::string now = region != nullptr ? region->permissions() : "nothing is mapped";
            return now == fact.text ? CheckedFact{fact, FactState::holds, {}} : CheckedFact{fact, FactState::differs, std::move(now)};
        }
        case FactKind::unmapped: {
            const core::Region* region = crash.process.memory.region_at(fact.address);
            if (region == nullptr) return {fact, FactState::holds, {}};
            return {fact, FactState::differs, crash.process.place_name(fact.address) + " " + region->permissions()};
        }
        case FactKind::derived: break;
    }
    bool said = std::ranges::any_of(again, [&](const Fact& one) { return one.kind == FactKind::derived && one.reading == fact.reading; });
    return {fact, said ? FactState::concluded : FactState::not_concluded, {}};
}

}  // namespace

std::string_view to_string(FactState state) {
    switch (state) {
        case FactState::holds: return "holds";
        case FactState::reworded: return "reworded";
        case FactState::differs: return "differs";
        case FactState::not_there: return "not there";
        case FactState::concluded: return "concluded";
        case FactState::not_concluded: return "not concluded";
        case FactState::redacted: return "redacted";
    }
    return "not there";
}

std::size_t Verification::count(FactState state) const {
    return static_cast<std::size_t>(std::ranges::count(facts, state, &CheckedFact::state));
}

Verification verify(core::Crash& crash, const ReportedCause& reported) {
    Diagnosis now = diagnose(crash);
    Verification out;
    out.reported = reported.rule;
    out.reported_pid = reported.pid;
    out.pid = crash.pid();
    static const std::vector<Fact> none;
    const std::vector<Fact>& again = now.cause ? now.cause->facts : none;
    if (now.cause) out.found = finding::rule(now.cause->finding.rule()).name;
    for (const ReportedCause::Line& line : reported.facts) {
        CheckedFact checked = line.redacted ? CheckedFact{line.fact, FactState::redacted, {}} : check(crash, line.fact, again);
        bool said = std::ranges::find(again, line.fact.reading, &Fact::reading) != again.end();
        if (checked.state == FactState::holds && !said) checked.state = FactState::reworded;
        out.facts.push_back(std::move(checked));
    }
    return out;
}

}  // namespace abiscope::rules
