// isa_dump [--no-functions] [--facts] FILE...: one JSON object a line with what the instruction-set sweep and the walk from the entry point
// see in an ELF file. With --facts, also what each function needs beyond the baseline.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "disasm/decoder.h"
#include "disasm/must_execute.h"
#include "disasm/sweep.h"
#include "elf/image.h"
#include "elf/relocations.h"
#include "elf/sections.h"
#include "elf/spec.h"
#include "elf/symbols.h"

namespace {

using namespace abiscope;

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (char c : text::printable(text)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string name_of(disasm::Feature feature) { return json_text(disasm::info(feature).name); }

template <typename List, typename Format>
std::string listed(const List& list, Format format) {
    std::vector<std::string> parts;
    parts.reserve(list.size());
    for (const auto& item : list) parts.push_back(format(item));
    return "[" + text::join(parts, ",") + "]";
}

std::string function_name(const disasm::Code& code, std::optional<std::size_t> function) {
    return function ? json_text(code.functions()[*function].name) : "null";
}

std::optional<disasm::Architecture> architecture_of(const elf::Image& image) {
    switch (image.header().machine) {
        case elf::em_386: return disasm::Architecture::x86;
        case elf::em_x86_64: return disasm::Architecture::x86_64;
        case elf::em_aarch64: return disasm::Architecture::arm64;
        default: return std::nullopt;
    }
}

disasm::Code code_of(const elf::Image& image, disasm::Architecture architecture, bool with_functions) {
    finding::Sink sink;
    auto sections = elf::read_sections(image, sink);
    std::vector<disasm::CodeRange> ranges;
    for (const elf::Section& section : sections) {
        if ((section.flags & elf::shf_execinstr) == 0 || section.type == elf::sht_nobits) continue;
        ranges.push_back({elf::section_bytes(image, section), section.addr});
    }
    if (ranges.empty()) {
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_load || (segment.flags & elf::pf_x) == 0) continue;
            ranges.push_back({image.view_at(segment.vaddr, segment.filesz), segment.vaddr});
        }
    }
    std::vector<disasm::Function> functions;
    if (with_functions) {
        for (const elf::Function& function : elf::functions(image, sections)) {
            functions.push_back({function.address, function.size, function.name});
        }
    }
    return {architecture, std::move(ranges), std::move(functions)};
}

// What a test may take for granted of the C library.
disasm::Callee import_of(std::string_view name) {
    using Kind = disasm::Callee::Kind;
    if (name == "__libc_start_main") return {Kind::starts_main, 0};
    for (std::string_view returning : {"puts", "printf", "getpid", "__cxa_finalize", "setlocale"}) {
        if (name == returning) return {Kind::returns, 0};
    }
    return {};
}

std::map<std::uint64_t, disasm::Callee> slots_of(const elf::Image& image) {
    std::map<std::uint64_t, disasm::Callee> slots;
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            switch (elf::role_of(image.header().machine, relocation.type)) {
                case elf::RelocationRole::relative:
                    slots[relocation.offset] = {disasm::Callee::Kind::code, static_cast<std::uint64_t>(relocation.addend)};
                    break;
                case elf::RelocationRole::glob_dat:
                case elf::RelocationRole::jump_slot: slots[relocation.offset] = import_of(symbols.name_at(relocation.symbol)); break;
                default: break;
            }
        }
    }
    return slots;
}

std::string walk_of(const elf::Image& image, const disasm::Code& code, const disasm::Decoder& decoder) {
    auto slots = slots_of(image);
    disasm::WalkOptions options;
    options.slot = [&](std::uint64_t slot) {
        auto found = slots.find(slot);
        return found == slots.end() ? disasm::Callee{} : found->second;
    };
    options.callee = [&](std::uint64_t target) {
        auto function = code.function_at(target);
        return function && code.functions()[*function].address == target ? import_of(code.functions()[*function].name) : disasm::Callee{};
    };
    disasm::Walk walk = disasm::must_execute(code, decoder, image.header().entry, options);
    return fmt::format(R"({{"stop":{},"stop_address":{},"instructions":{},"main":{},"probed":{},"uses":{}}})",
                       json_text(to_string(walk.stop)), walk.stop_address, walk.instructions,
                       walk.main ? std::to_string(*walk.main) : "null", walk.probed, listed(walk.uses, [](const disasm::WalkUse& use) {
                           return fmt::format(R"({{"feature":{},"absence":{},"address":{},"text":{}}})", name_of(use.feature),
                                              json_text(to_string(use.absence)), use.address, json_text(use.text));
                       }));
}

std::string facts_of(const disasm::Code& code, const disasm::Sweep& sweep) {
    auto name = [](disasm::Feature feature) { return name_of(feature); };
    std::vector<std::string> parts;
    for (const disasm::FunctionUse& use : sweep.functions) {
        if (!use.function) continue;
        parts.push_back(fmt::format(R"({{"function":{},"features":{},"doubtful":{}}})", function_name(code, *use.function),
                                    listed(use.features.list(), name), listed(use.doubtful.list(), name)));
    }
    return "[" + text::join(parts, ",") + "]";
}

std::string describe(const std::string& path, bool with_functions, bool with_facts) {
    auto source = open_file(path);
    if (!source) return fmt::format(R"({{"file":{},"error":{}}})", json_text(path), json_text(source.error().describe()));
    auto image = elf::Image::parse(*source);
    if (!image) return fmt::format(R"({{"file":{},"error":{}}})", json_text(path), json_text(image.error().describe()));
    auto architecture = architecture_of(*image);
    if (!architecture) return fmt::format(R"({{"file":{},"error":"architecture"}})", json_text(path));
    disasm::Code code = code_of(*image, *architecture, with_functions);
    auto decoder = disasm::Decoder::create(*architecture);
    disasm::Sweep sweep = disasm::sweep(code);
    std::string uses = listed(sweep.uses, [&](const disasm::FeatureUse& use) {
        return fmt::format(
            R"({{"feature":{},"count":{},"doubtful":{},"harmless":{},"absence":{},"trust":{},"address":{},"file_offset":{},"text":{},"function":{}}})",
            name_of(use.feature), use.count, use.doubtful, use.harmless, json_text(to_string(use.absence)), json_text(to_string(use.trust)),
            use.first.address, use.first.file_offset, json_text(use.first.text), function_name(code, use.first.function));
    });
    std::string probes = listed(sweep.probes, [&](const disasm::Probe& probe) {
        return fmt::format(R"({{"kind":{},"address":{},"function":{}}})", static_cast<int>(probe.kind), probe.address,
                           function_name(code, probe.function));
    });
    auto level = [](const disasm::Level* at) { return at == nullptr ? "null" : json_text(at->name); };
    return fmt::format(
        R"({{"file":{},"functions":{},"level":{},"doubtful_level":{},"bytes_swept":{},"bytes_undecodable":{},"uses":{},"probe_count":{},"probes":{},"walk":{},"facts":{}}})",
        json_text(path), code.functions().size(), level(sweep.level), level(sweep.doubtful_level), sweep.bytes_swept,
        sweep.bytes_undecodable, uses, sweep.probe_count, probes, walk_of(*image, code, *decoder),
        with_facts ? facts_of(code, sweep) : "null");
}

}  // namespace

int main(int argc, char** argv) {
    bool with_functions = true;
    bool with_facts = false;
    for (int i = 1; i < argc; ++i) {
        std::string_view argument = argv[i];
        if (argument == "--no-functions") with_functions = false;
        else if (argument == "--facts") with_facts = true;
        else fmt::print("{}\n", describe(argv[i], with_functions, with_facts));
    }
}
