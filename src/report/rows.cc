#include "report/rows.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "report/demangle.h"

namespace abiscope::report {

namespace {

constexpr std::size_t most_symbols = 8;

std::string lines(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : "\n") + text::printable(item);
    return out;
}

std::string entry_value(const inspect::Entry& entry) {
    std::string out = text::hex(entry.address);
    if (entry.symbol.empty()) return out;
    std::string name = demangled(entry.symbol);
    if (!entry.symbol_covers) return out + fmt::format(" ({:#x} bytes after {})", entry.symbol_offset, name);
    return out + fmt::format(" <{}{}>", name, entry.symbol_offset == 0 ? std::string() : fmt::format("+{:#x}", entry.symbol_offset));
}

std::string place_value(const inspect::Entry& entry) {
    std::string section = entry.section.empty() ? std::string("no section") : text::printable(entry.section);
    std::string segment =
        entry.segment.empty() ? std::string("no segment") : fmt::format("{} {}", text::printable(entry.segment), entry.permissions);
    return section + ", " + segment;
}

std::string symbols_value(const std::vector<std::string>& symbols) {
    std::string out;
    for (std::size_t i = 0; i < symbols.size() && i < most_symbols; ++i) out += (i == 0 ? "" : ", ") + demangled(symbols[i]);
    if (symbols.size() > most_symbols) out += fmt::format(" and {} more", symbols.size() - most_symbols);
    return out;
}

std::string hardening_value(const inspect::Hardening& item) {
    std::string out;
    switch (item.state) {
        case inspect::HardeningState::yes: out = "yes"; break;
        case inspect::HardeningState::no: out = "no"; break;
        case inspect::HardeningState::partial: out = "partial"; break;
        case inspect::HardeningState::not_applicable: out = "-"; break;
        case inspect::HardeningState::unknown: out = "cannot tell"; break;
    }
    if (!item.value.empty() && item.value != out) out += ": " + item.value;
    if (!item.because.empty()) out += fmt::format(" ({})", item.because);
    return out;
}

std::string isa_use(const inspect::IsaUse& use) {
    std::string out = fmt::format("{}: {} instruction{}, first `{}` at {:#x}", use.feature, use.count, use.count == 1 ? "" : "s",
                                  use.instruction, use.address);
    if (!use.function.empty()) out += fmt::format(" in {}", demangled(use.function));
    if (!use.guard.empty()) out += fmt::format("; {}", use.guard);
    if (!use.certain) out += "; may be data";
    return out;
}

// The names of Microsoft's headers without what they all start with; flags as a list.
std::string short_names(std::string value) {
    for (std::string_view prefix : {"IMAGE_FILE_MACHINE_", "IMAGE_FILE_", "IMAGE_DLLCHARACTERISTICS_", "IMAGE_SUBSYSTEM_"}) {
        for (std::size_t at = value.find(prefix); at != std::string::npos; at = value.find(prefix, at)) value.erase(at, prefix.size());
    }
    for (std::size_t at = value.find(" | "); at != std::string::npos; at = value.find(" | ", at)) value.replace(at, 3, ", ");
    return value;
}

// Fields that the formats name differently and that stand beside each other: the architecture's number, the kind's.
std::string_view shared_key(std::string_view key) {
    if (key == "e_machine") return "machine";
    if (key == "filetype") return "e_type";
    return key;
}

void go_rows(const golang::BuildInfo& go, std::vector<Row>& out) {
    out.push_back({"identity", "go", "Go", text::printable(go.version + (go.path.empty() ? "" : ", " + go.path))});
    std::string settings;
    for (const auto& [key, value] : go.settings) settings += (settings.empty() ? "" : " ") + key + "=" + value;
    if (!settings.empty()) out.push_back({"identity", "go_settings", "Go settings", text::printable(settings)});
    if (!go.dependencies.empty()) out.push_back({"identity", "go_modules", "Go modules", fmt::format("{}", go.dependencies.size())});
}

}  // namespace

bool is_essential(std::string_view key) {
    constexpr std::string_view keys[] = {"built_by", "go", "entry", "linkage", "interpreter", "needed", "libc", "os_min", "isa_used"};
    return std::ranges::find(keys, key) != std::end(keys);
}

std::vector<Row> rows_of(const inspect::Card& card) {
    std::vector<Row> out;
    auto add = [&](std::string group, std::string key, std::string label, std::string value) {
        if (!value.empty()) out.push_back({std::move(group), std::move(key), std::move(label), std::move(value)});
    };
    const inspect::Subject& subject = card.subject;
    add("identity", "format", "format",
        subject.bits != 0 ? fmt::format("{} {}-bit {}-endian", subject.format, subject.bits, subject.endian) : subject.format);
    add("identity", "kind", "kind", subject.kind);
    add("identity", "arch", "architecture", subject.arch);
    for (const inspect::Fact& fact : card.identity)
        add("identity", std::string(shared_key(fact.key)), fact.label, text::printable(short_names(fact.value)));
    add("identity", "size", "size", inspect::counted(subject.size, "byte"));
    add("identity", "build_id", "build id", subject.build_id);
    std::vector<std::string> producers;
    producers.reserve(card.producers.size());
    for (const inspect::Producer& producer : card.producers) producers.push_back(fmt::format("{} ({})", producer.tool, producer.source));
    add("identity", "built_by", "built by", lines(producers));
    if (card.go) go_rows(*card.go, out);

    if (card.entry) {
        const inspect::Entry& entry = *card.entry;
        add("entry", "entry", "entry point", entry_value(entry));
        if (entry.rva) add("entry", "entry_rva", "as RVA", text::hex(*entry.rva));
        add("entry", "entry_offset", "file offset", entry.file_offset ? text::hex(*entry.file_offset) : std::string("not in the file"));
        add("entry", "entry_place", "lies in", place_value(entry));
        std::string code;
        for (const inspect::Instruction& instruction : entry.instructions) {
            code += fmt::format("{}{:x}: {:<24} {}", code.empty() ? "" : "\n", instruction.address, instruction.bytes, instruction.text);
        }
        add("entry", "entry_code", "first code", code);
    }

    const inspect::Linkage& linkage = card.linkage;
    if (linkage.kind != inspect::LinkageKind::not_applicable) {
        add("linkage", "linkage", "linkage", fmt::format("{}: {}", to_string(linkage.kind), text::join(linkage.because, ", ")));
    }
    if (linkage.interpreter)
        add("linkage", "interpreter", "interpreter", linkage.interpreter->empty() ? "unreadable" : text::printable(*linkage.interpreter));
    if (linkage.soname) add("linkage", "soname", "own name", text::printable(*linkage.soname));
    add("linkage", "needed", "libraries", lines(linkage.needed));
    add("linkage", "rpath", "DT_RPATH", lines(linkage.rpath));
    add("linkage", "runpath", "run path", lines(linkage.runpath));
    add("linkage", "loader_flags", "loader flags", text::join(linkage.flags, " "));

    std::string versions;
    for (const inspect::VersionRequirement& version : card.versions) {
        versions +=
            fmt::format("{}{} {}{}{}", versions.empty() ? "" : "\n", text::printable(version.library), text::printable(version.version),
                        version.weak ? " (weak)" : "", version.symbols.empty() ? std::string() : ": " + symbols_value(version.symbols));
    }
    add("requires", "versions", "versions", versions);
    add("requires", "libc", "libc",
        card.libc_min.empty()
            ? std::string()
            : card.libc_min + " or newer" + (card.libc_because.empty() ? "" : ", for " + symbols_value(card.libc_because)));
    add("requires", "isa_declared", "CPU, declared", card.isa.declared);
    if (card.isa.sweep) {
        std::string uses = card.isa.sweep->level.empty() ? std::string("not known for this architecture") : card.isa.sweep->level;
        for (const inspect::IsaUse& use : card.isa.sweep->uses) uses += "\n" + isa_use(use);
        add("requires", "isa_used", "CPU, used", uses);
    }
    add("requires", "os_min", "system", card.os_min.empty() ? std::string() : card.os_min + " or newer");

    for (const inspect::Hardening& item : card.hardening) add("hardening", item.key, item.label, hardening_value(item));
    return out;
}

}  // namespace abiscope::report
