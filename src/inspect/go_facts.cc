#include "inspect/go_facts.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "golang/release_data.h"
#include "inspect/go_strings.h"

namespace abiscope::inspect {

namespace {

constexpr std::size_t most_frames = 256;

bool wanted(const std::vector<std::string>& patterns, std::string_view name) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) { return text::glob_match(pattern, name); });
}

// The tree has no length: what the function's own table of indices names is there, and where those were inlined.
std::vector<GoInlinedCall> inlined_calls(const golang::Memory& memory, const golang::PclnTable& table, const golang::Function& function) {
    std::vector<GoInlinedCall> out;
    auto address = table.funcdata(function, golang::FuncData::inline_tree);
    if (!address) return out;
    View tree = memory.at(*address);
    std::int32_t last = table.highest(function, golang::PcData::inline_tree_index);
    for (std::int32_t i = 0; i <= last; ++i) {
        auto call = table.inlined(tree, i);
        if (!call) break;
        std::uint64_t pc = function.entry + static_cast<std::uint64_t>(static_cast<std::int64_t>(call->parent_pc));
        out.push_back({.function = table.name_at(call->name),
                       .file = table.file(function, pc),
                       .line = table.line(function, pc),
                       .parent = table.pcdata(function, golang::PcData::inline_tree_index, pc).value_or(-1)});
    }
    return out;
}

// `steps`: how much of the line tables may still be looked at.
GoFunction describe(const golang::Program& program, const golang::PclnTable& table, const golang::Function& function, bool with_inlined,
                    std::uint64_t& steps) {
    GoFunction out;
    out.name = table.name(function);
    out.file = table.file(function, function.entry);
    out.line = function.start_line.value_or(table.line(function, function.entry));
    if (steps != 0) out.lines = table.lines(function);
    steps -= std::min(steps, out.lines.steps);
    out.entry = function.entry;
    out.size = function.end - function.entry;
    if (function.id != 0)
        out.id = golang::name_of(golang::NameKind::function_id, program.release(), function.id).value_or(std::string_view());
    out.flags = function.flags;
    if (with_inlined) out.inlined = inlined_calls(program.memory(), table, function);
    return out;
}

void read_functions(const golang::Program& program, const GoRequest& request, GoFacts& out) {
    // Functions of a package lie side by side; the last one looked up is nearly always the next one's.
    std::unordered_map<std::string, std::size_t> index;
    std::string last_path;
    std::size_t last = 0;
    std::uint64_t steps = default_limits.steps;
    for (const golang::FoundModule& module : program.modules()) {
        for (std::uint32_t i = 0; i < module.table.size(); ++i) {
            auto function = module.table.at(i);
            if (!function) continue;
            std::string_view name = module.table.name(*function);
            std::uint64_t size = function->end > function->entry ? function->end - function->entry : 0;
            std::string path = golang::package_of(name);
            if (out.packages.empty() || path != last_path) {
                auto [place, added] = index.try_emplace(path, out.packages.size());
                if (added) out.packages.push_back({path, 0, 0});
                last = place->second;
                last_path = std::move(path);
            }
            ++out.packages[last].functions;
            out.packages[last].bytes += size;
            ++out.counts.functions;
            out.counts.code_bytes += size;
            bool named = wanted(request.function_names, name);
            if (named || (request.functions && request.function_names.empty()))
                out.functions.push_back(describe(program, module.table, *function, named, steps));
        }
    }
    out.counts.packages = out.packages.size();
    std::ranges::sort(out.packages,
                      [](const GoPackage& a, const GoPackage& b) { return std::pair(b.bytes, a.path) < std::pair(a.bytes, b.path); });
    std::ranges::stable_sort(out.functions, {}, &GoFunction::entry);
}

void read_types(const golang::Program& program, const GoRequest& request, GoFacts& out, finding::Sink& sink) {
    bool asked = request.types || !request.type_names.empty();
    for (const golang::FoundModule& module : program.modules()) {
        golang::TypeReader types = program.types(module);
        out.counts.types += golang::visit_types(
            types,
            [&](const golang::Type& type) {
                out.counts.named_types += type.named ? 1 : 0;
                if (!asked) return;
                out.type_texts.emplace(type.address, type.text);
                if (request.type_names.empty() || wanted(request.type_names, type.text)) out.types.push_back(type);
            },
            sink);
        out.counts.itabs += golang::visit_itabs(
            types,
            [&](const golang::Itab& itab) {
                if (request.types && request.type_names.empty()) out.itabs.push_back(itab);
            },
            sink);
    }
    std::ranges::sort(
        out.types, [](const golang::Type& a, const golang::Type& b) { return std::tie(a.text, a.address) < std::tie(b.text, b.address); });
}

GoPlace place_of(const golang::Program& program, std::uint64_t address) {
    GoPlace out;
    out.address = address;
    const golang::FoundModule* module = program.module_at(address);
    if (module == nullptr) return out;
    out.function = module->table.find(address);
    if (!out.function) return out;
    out.frames.resize(most_frames);
    out.frames.resize(program.frames(*module, *out.function, address, out.frames));
    return out;
}

}  // namespace

std::string_view GoFacts::type_text(std::uint64_t address) const {
    auto found = type_texts.find(address);
    return found == type_texts.end() ? std::string_view("?") : found->second;
}

Result<GoFacts> go_facts(const GoSubject& subject, const GoRequest& request, finding::Sink& sink) {
    ABISCOPE_TRY(golang::Program program, golang::Program::open(*subject.memory, subject.build, sink));
    GoFacts out;
    out.version = program.version();
    out.read_as = program.release();
    for (const golang::FoundModule& module : program.modules()) out.modules.push_back(module.module);
    out.header = program.main().table.header();
    read_functions(program, request, out);
    read_types(program, request, out, sink);
    if (request.strings) {
        for (const golang::FoundModule& module : program.modules()) find_go_strings(program.memory(), module.module, out.strings);
    }
    for (std::uint64_t address : request.addresses) out.places.push_back(place_of(program, address));
    return out;
}

}  // namespace abiscope::inspect
