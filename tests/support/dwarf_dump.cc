// Prints what the DWARF reader reads, for tests/differential/dwarf_types.py and bench/dwarf.py:
//   dwarf_dump MODE [--threads N] [--debug-folder DIR] [PATTERN] FILE
//     json           every distinct record of that name, as JSON lines, in the order of the file
//     text           the same in the manner of pahole, with every hole
//     find           types of that name, without reading the others, as JSON lines
//     functions      functions of that name, the same way
//     all-functions  the same, all of them in parallel
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "debuginfo/program_types.h"
#include "finding/finding.h"

namespace {

using namespace abiscope;
using Json = nlohmann::ordered_json;

class Files final : public debuginfo::FileFinder {
public:
    Result<SourcePtr> open(const std::string& path) override { return open_file(path); }
};

// A type as people write it, near enough to tell one from another.
std::string spelled(const abi::TypeTable& table, abi::TypeId id, int depth = 0) {
    if (!table.contains(id)) return "void";
    const abi::Type& type = table.at(id);
    if (depth > 32) return "...";
    auto inner = [&] { return spelled(table, type.target, depth + 1); };
    switch (type.kind) {
        case abi::Kind::pointer: return type.name.empty() ? inner() + " *" : type.name;
        case abi::Kind::reference: return inner() + " &";
        case abi::Kind::array: return fmt::format("{}[{}]", inner(), type.count ? std::to_string(*type.count) : "");
        case abi::Kind::vector: return fmt::format("vector {}[{}]", inner(), type.count.value_or(0));
        case abi::Kind::qualified: return (type.is_const ? "const " : type.is_volatile ? "volatile " : "restrict ") + inner();
        case abi::Kind::atomic: return "_Atomic " + inner();
        case abi::Kind::function: return inner() + " (...)";
        case abi::Kind::member_data_pointer: return inner() + " " + spelled(table, type.owner, depth + 1) + "::*";
        case abi::Kind::member_function_pointer: return "function " + spelled(table, type.owner, depth + 1) + "::*";
        default: return type.name;
    }
}

Json number(const std::optional<std::uint64_t>& value) { return value ? Json(*value) : Json(nullptr); }

// A type that is a name, and not made from another (a pointer, an array).
bool has_own_name(const abi::Type& type) {
    switch (type.kind) {
        case abi::Kind::pointer:
        case abi::Kind::reference:
        case abi::Kind::array:
        case abi::Kind::vector:
        case abi::Kind::qualified:
        case abi::Kind::atomic:
        case abi::Kind::function:
        case abi::Kind::member_data_pointer:
        case abi::Kind::member_function_pointer: return false;
        default: return !type.name.empty();
    }
}

Json field_json(const abi::TypeTable& table, const abi::Field& field) {
    Json one{{"name", text::printable(field.name)},
             {"type", text::printable(spelled(table, field.type))},
             {"bit_offset", number(field.observed.bit_offset)},
             {"size", number(field.observed.size)}};
    if (field.bit_width) one["bits"] = *field.bit_width;
    if (field.no_unique_address) one["no_unique_address"] = true;
    if (field.alignment != 0) one["align"] = field.alignment;
    if (field.embedded) one["embedded"] = true;
    if (!table.contains(field.type)) return one;
    if (has_own_name(table.at(field.type))) one["named"] = true;
    abi::TypeId resolved = table.resolve(field.type);
    if (!table.contains(resolved)) return one;
    const abi::Type& type = table.at(resolved);
    one["kind"] = static_cast<int>(type.kind);
    if (type.kind == abi::Kind::scalar) {
        one["scalar"] = static_cast<int>(type.scalar);
        if (type.bits != 0) one["scalar_bits"] = type.bits;
    }
    return one;
}

std::string_view declared(abi::Declared how) {
    switch (how) {
        case abi::Declared::implicit: return "implicit";
        case abi::Declared::defaulted: return "defaulted";
        case abi::Declared::deleted: return "deleted";
        case abi::Declared::user_provided: return "user";
    }
    return "";
}

Json record_json(const abi::TypeTable& table, abi::TypeId named) {
    Json out;
    const abi::Type& alias = table.at(named);
    abi::TypeId id = table.resolve(named);
    const abi::Record* record = table.record(id);
    out["name"] = text::printable(alias.name);
    if (record == nullptr) {
        if (!table.contains(id)) return out;
        const abi::Type& type = table.at(id);
        out["kind"] = static_cast<int>(type.kind);
        out["size"] = number(type.observed.size);
        if (const abi::Enumeration* enumeration = table.enumeration(id)) {
            out["least"] = enumeration->least;
            out["greatest"] = enumeration->greatest;
            out["fixed"] = enumeration->fixed;
            out["scoped"] = enumeration->scoped;
            out["packed"] = enumeration->packed;
        }
        return out;
    }
    const abi::Type& type = table.at(id);
    out["size"] = number(type.observed.size);
    out["complete"] = record->complete;
    out["union"] = record->kind == abi::RecordKind::union_;
    out["declared"] = text::printable(fmt::format("{}:{}", type.declared.file, type.declared.line));
    if (record->packed) out["packed"] = true;
    if (record->pack != 0) out["pack"] = record->pack;
    if (type.alignment != 0) out["align"] = type.alignment;
    for (const abi::Base& base : record->bases) {
        out["bases"].push_back({{"type", text::printable(spelled(table, base.type))},
                                {"virtual", base.is_virtual},
                                {"bit_offset", number(base.observed.bit_offset)}});
    }
    out["fields"] = Json::array();
    for (const abi::Field& field : record->fields) out["fields"].push_back(field_json(table, field));
    if (record->discriminant) out["discriminant"] = field_json(table, *record->discriminant);
    for (const abi::Variant& variant : record->variants) {
        Json fields = Json::array();
        for (const abi::Field& field : variant.fields) fields.push_back(field_json(table, field));
        out["variants"].push_back({{"name", text::printable(variant.name)}, {"value", number(variant.discriminant)}, {"fields", fields}});
    }
    for (const abi::VirtualFunction& function : record->virtual_functions) {
        out["virtual_functions"].push_back(text::printable(function.signature) + (function.pure ? " = 0" : ""));
    }
    const abi::SpecialMembers& special = record->special;
    out["special"] = {declared(special.default_constructor), declared(special.copy_constructor), declared(special.move_constructor),
                      declared(special.copy_assignment),     declared(special.move_assignment),  declared(special.destructor)};
    return out;
}

// The manner of pahole: every member with offset and size, every hole, the sums at the end.
void print_record(const abi::TypeTable& table, abi::TypeId named, std::string& out) {
    abi::TypeId id = table.resolve(named);
    const abi::Record* record = table.record(id);
    if (record == nullptr) return;
    std::uint64_t size = table.at(id).observed.size.value_or(0) * 8;
    fmt::format_to(std::back_inserter(out), "{} {} {{\n", record->kind == abi::RecordKind::union_ ? "union" : "struct",
                   table.at(named).name);
    std::uint64_t end = 0;
    std::uint64_t holes = 0;
    struct Part {
        std::uint64_t begin, bits;
        std::string_view name;
        abi::TypeId type;
    };
    std::vector<Part> parts;
    for (const abi::Base& base : record->bases) {
        if (base.observed.bit_offset) parts.push_back({*base.observed.bit_offset, base.observed.size.value_or(0) * 8, "", base.type});
    }
    for (const abi::Field& field : record->fields) {
        if (field.observed.bit_offset)
            parts.push_back({*field.observed.bit_offset, field.bit_width ? *field.bit_width : field.observed.size.value_or(0) * 8,
                             field.name, field.type});
    }
    std::ranges::stable_sort(parts, {}, &Part::begin);
    for (const Part& part : parts) {
        if (part.begin > end) {
            fmt::format_to(std::back_inserter(out), "\t/* hole of {} bits */\n", part.begin - end);
            holes += part.begin - end;
        }
        fmt::format_to(std::back_inserter(out), "\t{} {}; /* {} {} */\n", spelled(table, part.type), part.name, part.begin / 8,
                       part.bits / 8);
        end = std::max(end, part.begin + part.bits);
    }
    fmt::format_to(std::back_inserter(out), "\t/* size: {}, members: {}, holes: {} bits, padding: {} bits */\n}};\n", size / 8,
                   parts.size(), holes, size > end ? size - end : 0);
}

void print_findings(finding::Sink& sink) {
    for (const auto& finding : sink.findings()) {
        fmt::print(stderr, "{}: {}\n", finding::rule(finding.rule()).name,
                   finding.evidence().front().path + ": " + finding.evidence().front().reading);
    }
}

Json function_json(const abi::TypeTable& table, const dwarf::FunctionSignature& function) {
    Json out{{"name", text::printable(function.name)},
             {"linkage_name", text::printable(function.linkage_name)},
             {"this", function.has_this},
             {"external", function.external},
             {"declaration", function.declaration},
             {"prototyped", function.prototyped}};
    const abi::Function* type = table.function(function.type);
    if (type == nullptr) return out;
    out["result"] = text::printable(spelled(table, type->result));
    out["variadic"] = type->variadic;
    out["parameters"] = Json::array();
    for (std::size_t i = 0; i < type->parameters.size(); ++i) {
        std::string name = i < function.parameters.size() ? function.parameters[i] : std::string();
        out["parameters"].push_back({text::printable(name), text::printable(spelled(table, type->parameters[i]))});
    }
    return out;
}

struct Options {
    std::string mode, pattern = "*", file;
    unsigned threads = 0;
    debuginfo::DebugFolders folders;
};

// Texts of types or functions in the order of their numbers, written when a run of them is complete.
class Printer {
public:
    std::string& text(std::size_t number) { return texts_[number % texts_.size()]; }
    void print(std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            std::fwrite(text(i).data(), 1, text(i).size(), stdout);
            text(i).clear();
        }
    }
    dwarf::VisitDone done() {
        return [this](std::size_t first, std::size_t last) { print(first, last); };
    }

private:
    std::vector<std::string> texts_{1024};
};

int run(const Options& options) {
    finding::Sink sink;
    Files files;
    auto source = open_file(options.file);
    if (!source) return fmt::print(stderr, "{}\n", source.error().describe()), 1;
    auto program = debuginfo::ProgramTypes::open(*source, &files, options.folders, default_limits, sink, options.threads);
    if (!program) return fmt::print(stderr, "{}\n", program.error().describe()), 1;
    abi::TypeTable table;
    Printer printer;
    if (options.mode == "find") {
        for (abi::TypeId id : program->find_types(options.pattern, table, sink)) fmt::print("{}\n", record_json(table, id).dump());
    } else if (options.mode == "functions") {
        for (const auto& function : program->find_functions(options.pattern, table, sink))
            fmt::print("{}\n", function_json(table, function).dump());
    } else if (options.mode == "all-functions") {
        program->visit_functions(
            options.pattern, false, sink,
            [&](std::size_t number, const abi::TypeTable& types, const dwarf::FunctionSignature& function) {
                printer.text(number) = function_json(types, function).dump() + "\n";
            },
            printer.done());
    } else if (options.mode == "json") {
        program->visit_types(
            options.pattern, true, sink,
            [&](std::size_t number, const abi::TypeTable& types, abi::TypeId id) {
                printer.text(number) = record_json(types, id).dump() + "\n";
            },
            printer.done());
    } else if (options.mode == "text") {
        program->visit_types(
            options.pattern, false, sink,
            [&](std::size_t number, const abi::TypeTable& types, abi::TypeId id) { print_record(types, id, printer.text(number)); },
            printer.done());
    }
    print_findings(sink);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    Options options{.mode = arguments[1], .file = arguments[count - 1]};
    for (int i = 2; i + 1 < count; ++i) {
        std::string_view word = arguments[i];
        if (word == "--threads") {
            options.threads = static_cast<unsigned>(std::strtoul(arguments[++i], nullptr, 10));
        } else if (word == "--debug-folder") {
            options.folders.paths = {arguments[++i]};
        } else {
            options.pattern = word;
        }
    }
    return run(options);
}
