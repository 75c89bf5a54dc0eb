#include "rules/crash_builder.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"

namespace abiscope::rules {

std::string_view to_string(FactKind kind) {
    switch (kind) {
        case FactKind::signal: return "signal";
        case FactKind::reg: return "register";
        case FactKind::memory: return "memory";
        case FactKind::mapping: return "mapping";
        case FactKind::unmapped: return "unmapped";
        case FactKind::derived: return "derived";
    }
    return "derived";
}

std::string hexadecimal(std::uint64_t value) { return text::hex(value); }

CauseBuilder& CauseBuilder::add(Fact fact) {
    facts_.push_back(std::move(fact));
    return *this;
}

CauseBuilder& CauseBuilder::signal_field(std::string_view name, std::uint64_t value, std::string reading) {
    const core::Fault& fault = crash_.fault;
    Fact fact;
    fact.kind = FactKind::signal;
    fact.name = name;
    fact.value = value;
    fact.context = fault.context;
    fact.source = fault.of_goroutine                  ? "goroutine"
        : fault.context != 0                          ? "signal frame"
        : fault.signal.place.type == core::nt_siginfo ? "NT_SIGINFO"
                                                      : "NT_PRSTATUS";
    if (fault.context == 0 && fault.signal.place.type != 0) fact.file_offset = fault.signal.place.offset;
    fact.reading = std::move(reading);
    return add(std::move(fact));
}

namespace {
bool code_is_page_fault(const core::SignalInfo& info) {
    return info.number == core::sigsegv && (info.code == core::segv_maperr || info.code == core::segv_accerr);
}
}  // namespace

CauseBuilder& CauseBuilder::signal() {
    const core::SignalInfo& info = crash_.fault.signal;
    std::string name(core::signal_name(info.number));
    if (name.empty()) name = fmt::format("signal {}", info.number);
    std::string code(core::code_name(info.number, info.code));
    if (code.empty()) code = fmt::format("si_code {}", info.code);
    signal_field("number", static_cast<std::uint64_t>(info.number), name);
    if (info.inferred != core::Inferred::no && code_is_page_fault(info))
        derived(fmt::format("the address is not recorded; {} is the one that the instruction may not use", hexadecimal(*info.address)));
    if (!info.complete) return *this;
    signal_field("code", static_cast<std::uint64_t>(info.code), code);
    if (info.address && core::is_fault(info.number)) signal_field("address", *info.address, "si_addr " + hexadecimal(*info.address));
    return *this;
}

CauseBuilder& CauseBuilder::reg(std::string_view name, const std::string& more) {
    const core::Registers& registers = crash_.fault.registers;
    std::string_view whole = registers.whole(name);
    auto value = registers.get(whole);
    if (!value) return *this;
    Fact fact;
    fact.kind = FactKind::reg;
    fact.name = whole;
    fact.value = *value;
    fact.context = crash_.fault.context;
    fact.source = crash_.fault.of_goroutine ? "goroutine" : fact.context != 0 ? "signal frame" : "NT_PRSTATUS";
    if (const core::ThreadStatus* thread = crash_.thread(); thread != nullptr && fact.context == 0) {
        const auto& places = registers.layout()->registers;
        auto place = std::ranges::find(places, whole, &core::RegisterPlace::name);
        fact.file_offset = thread->registers_offset + static_cast<std::uint64_t>(place - places.begin()) * registers.layout()->word_size();
    }
    fact.reading = fmt::format("{} = {}{}", whole, hexadecimal(*value), more.empty() ? "" : " (" + more + ")");
    return add(std::move(fact));
}

CauseBuilder& CauseBuilder::memory(std::uint64_t address, std::size_t size, std::string reading) {
    std::vector<std::byte> bytes = crash_.process.memory.read_some(address, size);
    if (bytes.size() != size) return *this;
    core::Chunk chunk = crash_.process.memory.chunk(address);
    Fact fact;
    fact.kind = FactKind::memory;
    fact.address = address;
    fact.text = text::hex_bytes(bytes, " ");
    fact.source = chunk.origin == core::Origin::dump ? "memory" : "file";
    if (chunk.origin == core::Origin::dump) fact.file_offset = chunk.bytes.file_offset();
    else if (const core::Module* module = crash_.process.module_at(address)) fact.source = module->name();
    fact.reading = std::move(reading);
    return add(std::move(fact));
}

CauseBuilder& CauseBuilder::instruction() {
    const core::Fault& fault = crash_.fault;
    if (!fault.instruction) return *this;
    return memory(fault.pc, fault.instruction->length(), fault.instruction->text);
}

CauseBuilder& CauseBuilder::mapping(std::uint64_t address, std::string reading) {
    const core::Region* region = crash_.process.memory.region_at(address);
    if (region == nullptr) return *this;
    Fact fact;
    fact.kind = FactKind::mapping;
    fact.address = address;
    fact.text = region->permissions();
    fact.source = "PT_LOAD";
    fact.file_offset = region->record_offset;
    fact.reading = reading.empty() ? fmt::format("{} is in {} ({}, {} to {})", hexadecimal(address), crash_.process.place_name(address),
                                                 fact.text, hexadecimal(region->start), hexadecimal(region->end))
                                   : std::move(reading);
    return add(std::move(fact));
}

CauseBuilder& CauseBuilder::unmapped(std::uint64_t address, std::string reading) {
    Fact fact;
    fact.kind = FactKind::unmapped;
    fact.address = address;
    fact.source = "PT_LOAD";
    fact.reading = reading.empty() ? fmt::format("nothing is mapped at {}", hexadecimal(address)) : std::move(reading);
    return add(std::move(fact));
}

CauseBuilder& CauseBuilder::derived(std::string reading) { return said("derived", std::move(reading)); }

CauseBuilder& CauseBuilder::said(std::string source, std::string reading) {
    Fact fact;
    fact.reading = std::move(reading);
    fact.source = std::move(source);
    return add(std::move(fact));
}

CauseBuilder& CauseBuilder::help(std::string text, finding::FixKind kind) {
    finding::Fix fix;
    fix.kind = kind;
    fix.text = std::move(text);
    fixes_.push_back(std::move(fix));
    return *this;
}

namespace {

finding::Evidence evidence_of(const Fact& fact) {
    using finding::Evidence;
    std::string path = fact.source;
    if (!fact.name.empty()) path += "." + fact.name;
    Evidence evidence = fact.kind == FactKind::unmapped ? Evidence::absence(path, fact.reading)
        : fact.kind == FactKind::derived                ? Evidence::derived(path, fact.reading)
        : fact.file_offset                              ? Evidence::value(path, *fact.file_offset, 0, fact.reading)
                                                        : Evidence::environment(path, fact.reading);
    evidence.size.reset();
    if (fact.kind == FactKind::memory || fact.kind == FactKind::mapping) evidence.address = fact.address;
    return std::move(evidence).as(fact.role);
}

std::string_view inferred_words(core::Inferred inferred) {
    switch (inferred) {
        case core::Inferred::no: return {};
        case core::Inferred::without_note: return "there is no NT_SIGINFO note: a signal that was sent would look the same";
        case core::Inferred::sent_again:
            return "what is recorded is the signal that was sent again; that the instruction faulted is concluded from its operands";
        case core::Inferred::not_delivered:
            return "the signal has no address, as where a handler could not be called or an operand is not aligned; that the instruction "
                   "faulted is concluded from its operands";
    }
    return {};
}

}  // namespace

Cause CauseBuilder::build() {
    if (std::string_view why = inferred_words(crash_.fault.signal.inferred); !why.empty() && confidence_ == Confidence::proven)
        confidence(Confidence::likely, std::string(why));
    if (facts_.empty()) signal();
    if (crash_.behind) {
        const core::SignalInfo& last = crash_.signal;
        std::string name(core::signal_name(last.number));
        if (name.empty()) name = fmt::format("signal {}", last.number);
        if (crash_.sent_again) {
            derived(
                fmt::format("the process sent itself the {} that ended it: its handler did, and the signal arrived when the handler "
                            "had returned to the instruction",
                            name));
        } else if (crash_.fault.of_goroutine) {
            derived(fmt::format(
                "the process ended by {} later, by Go's runtime.sigpanic: the signal is the one that its goroutine keeps, at {}; "
                "registers other than the stack's follow from its address",
                name, hexadecimal(crash_.fault.context)));
        } else {
            derived(fmt::format(
                "the process ended by {} later, in the handler of this signal; its registers are those of the signal frame at {}", name,
                hexadecimal(crash_.fault.context)));
        }
    }
    finding::Finding finding(rule_, evidence_of(facts_.front()));
    for (std::size_t i = 1; i < facts_.size(); ++i) finding.add(evidence_of(facts_[i]));
    for (finding::NamedArgument& argument : arguments_)
        std::visit([&](auto& value) { finding.with(std::move(argument.name), std::move(value)); }, argument.value);
    for (auto& [what, because] : rejected_) finding.rejecting(std::move(what), std::move(because));
    for (finding::Fix& fix : fixes_) finding.add(std::move(fix));
    if (confidence_ != Confidence::proven) finding.confidence(confidence_, std::move(because_));
    return {.finding = std::move(finding), .facts = std::move(facts_), .operand = operand_};
}

bool is_page_fault(const core::Fault& fault) {
    return fault.signal.number == core::sigsegv && (fault.signal.complete || fault.signal.inferred != core::Inferred::no) &&
        fault.signal.address && code_is_page_fault(fault.signal);
}

const core::Access* guilty_access(const core::Fault& fault) {
    if (!fault.signal.address) return nullptr;
    const core::Access* found = nullptr;
    for (const core::Access& access : fault.accesses) {
        if (!access.touches(*fault.signal.address)) continue;
        // Of two operands at one place the one that is written is told apart by the caller.
        if (found == nullptr || (!found->write && access.write)) found = &access;
    }
    return found;
}

std::string access_words(const core::Access& access) {
    if (access.size == 0) return access.write ? "writes memory" : access.read ? "reads memory" : "uses memory";
    return fmt::format("{} {} byte{}", access.write ? "writes" : "reads", access.size, access.size == 1 ? "" : "s");
}

std::string pattern_words(std::uint64_t value) {
    unsigned first = value & 0xff;
    bool same = value == first * std::uint64_t{0x0101010101010101};
    if (same && first != 0 && first != 0xff) return fmt::format("the byte {:#x}, repeated", first);
    std::string letters;
    for (std::uint64_t rest = value; rest != 0; rest >>= 8) {
        auto c = static_cast<unsigned char>(rest & 0xff);
        if (std::isprint(c) == 0) return {};
        letters += static_cast<char>(c);
    }
    return letters.size() >= 4 ? fmt::format("the text \"{}\"", letters) : std::string();
}

std::string place_words(core::Crash& crash, std::uint64_t pc) {
    const core::Location& location = crash.symbols.at(pc);
    if (!location.function.empty()) return fmt::format("{}+{:#x}", location.function, location.offset);
    if (location.module != nullptr) return fmt::format("{}+{:#x}", location.module->name(), pc - location.module->start);
    return hexadecimal(pc);
}

}  // namespace abiscope::rules
