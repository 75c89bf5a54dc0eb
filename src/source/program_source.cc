#include "source/program_source.h"

#include <algorithm>
#include <set>
#include <utility>

#include "abi/profile_catalogue.h"
#include "abi/unnamed_bit_fields.h"
#include "bytes/limits.h"
#include "dwarf/name_match.h"
#include "source/program_conventions.h"
#include "source/program_signature.h"
#include "source/program_typedefs.h"

namespace abiscope::source {

namespace {

// Why no call of it can be placed; empty when there is nothing in the way.
std::string refusal(abi::Language language) {
    if (language == abi::Language::rust)
        return "Rust does not say how its functions are called, and debug information does not tell those that are extern \"C\"";
    if (language == abi::Language::go)
        return "Go records no parameter named _, and none of assembly, and both take their place in a call; read its source";
    return {};
}

}  // namespace

Result<std::unique_ptr<ProgramSource>> ProgramSource::open(const SourcePtr& program, debuginfo::FileFinder& finder,
                                                           const debuginfo::DebugFolders& folders, ProgramWanted wanted) {
    auto sink = std::make_unique<finding::Sink>();
    ABISCOPE_TRY(auto types, debuginfo::ProgramTypes::open(program, &finder, folders, default_limits, *sink));
    ABISCOPE_TRY(auto own, debuginfo::program_abi(program, types.debug(), *sink));
    return std::unique_ptr<ProgramSource>(new ProgramSource(program, std::move(types), std::move(own), std::move(wanted), std::move(sink)));
}

Result<std::shared_ptr<const Declarations>> ProgramSource::declarations(const abi::Profile&) {
    if (!read_) {
        auto read = std::make_shared<Declarations>();
        read_types(*read);
        read_functions(*read);
        auto files = program_.debug().files();
        translate_typedefs(read->types, files.empty() ? 8 : files.front().address_size);
        if (auto profile = abi::find_profile(own_.profile)) abi::infer_unnamed_bit_fields(read->types, *profile);
        read_ = std::move(read);
    }
    return read_;
}

// Complete records of the program's language, and typedefs of records that have no name of their own.
void ProgramSource::read_types(Declarations& into) {
    bool go = own_.language == abi::Language::go;
    for (std::size_t i = 0; i < wanted_.types.size(); ++i) {
        for (abi::TypeId id : program_.find_types(wanted_.types[i], into.types, *sink_)) {
            const abi::Type& type = into.types.at(id);
            abi::TypeId meant = into.types.resolve(id);
            const abi::Record* record = into.types.record(meant);
            if (record == nullptr || !record->complete || type.name.empty() || (type.language == abi::Language::go) != go) continue;
            if (meant != id && !into.types.at(meant).name.empty()) continue;
            bool known = std::any_of(wanted_.types.begin(), wanted_.types.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const std::string& earlier) { return dwarf::name_matches(earlier, type.name); });
            if (!known) into.roots.push_back(id);
        }
    }
}

// Functions of one name are told apart by their linkage names.
void ProgramSource::read_functions(Declarations& into) {
    std::set<std::string, std::less<>> names;
    for (const std::string& pattern : wanted_.functions) {
        for (const dwarf::FunctionSignature& function : program_.find_functions(pattern, into.types, *sink_)) {
            const abi::Function* type = into.types.function(function.type);
            if (type == nullptr || function.name.empty()) continue;
            std::string name = function.name;
            if (!names.insert(name).second) {
                name = function.linkage_name;
                if (name.empty() || !names.insert(name).second) continue;
            }
            if (std::string why = refusal(function.language); !why.empty()) {
                into.refused.emplace_back(std::move(name), std::move(why));
                continue;
            }
            ProgramConvention how = convention_of(function, type->variadic, own_);
            if (!how.refused.empty()) {
                into.refused.emplace_back(std::move(name), std::move(how.refused));
                continue;
            }
            into.functions.push_back(program_signature(into.types, function, *type, how.convention, std::move(name)));
        }
    }
}

}  // namespace abiscope::source
