#include "source/go_source.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "source/go_alike.h"
#include "source/go_constraint.h"
#include "source/go_positional.h"
#include "source/go_syntax.h"
#include "source/go_translator.h"

namespace abiscope::source {

namespace {

// Why a file is no part of the build; empty when it is.
std::string excluded_by(const GoText& text, const GoFile& file, const GoBuild& build) {
    if (!go_file_name_fits(text.name, build)) return "its name";
    for (std::string_view directive : file.lexed.directives) {
        std::string_view expression = text::trim(directive.substr(directive.find(' ')));
        if (!go_constraint_holds(expression, build)) return fmt::format("//go:build {}", text::printable(expression));
    }
    return {};
}

// Why the members of a struct may not be reordered, as far as the package shows it.
void find_reliance(const std::vector<GoFile>& files, const std::vector<std::string>& names, Declarations& out) {
    bool cgo = std::ranges::any_of(files.front().imports, [](const auto& import) { return import.second == "C"; });
    GoTypeNames type_names = go_type_names(files);
    auto positional = positional_literals(files, type_names);
    auto alike = alike_structs(files, type_names);
    auto place = [&](const GoPlace& one) { return fmt::format("{}:{}", names[one.file], one.line); };
    auto text_of = [&](std::string_view name) {
        return std::ranges::find_if(out.texts, [&](const RecordText& text) { return out.types.at(text.type).name == name; });
    };
    for (RecordText& text : out.texts) {
        if (cgo) text.fixed_because = "the file imports \"C\": C may know its members by their places";
        std::string_view name = out.types.at(text.type).name;
        if (auto at = positional.find(name); at != positional.end())
            text.fixed_because = fmt::format("{} gives its members by position", place(at->second));
        auto at = alike.find(name);
        if (at == alike.end()) continue;
        if (at->second.nameless)
            text.fixed_because = fmt::format("{} has a struct without a name for it, with the same members", place(at->second.place));
        for (std::string_view other : at->second.names) {
            auto found = text_of(other);
            if (found != out.texts.end()) text.alike.push_back(found->type);
            else
                text.fixed_because =
                    fmt::format("{} converts between it and {}, which another file declares", place(at->second.place), other);
        }
    }
}

Result<std::shared_ptr<const Declarations>> read(const std::vector<GoText>& texts, const GoBuild& build, std::uint32_t pointer) {
    std::vector<GoFile> files;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto file = parse_go(texts[i].text);
        if (!file) {
            // Another file of the package that cannot be read only leaves names unexplained.
            if (i != 0) continue;
            Error error = file.error();
            error.file = texts[i].name;
            return fail(std::move(error));
        }
        std::string excluded = excluded_by(texts[i], *file, build);
        if (i == 0 && !excluded.empty()) {
            return fail(Error{.code = ErrorCode::not_found,
                              .what = fmt::format("{} excludes it from a build for {}/{}", excluded, build.os, build.architecture),
                              .file = texts[i].name});
        }
        bool same_package = i == 0 || file->package == files.front().package;
        if (!excluded.empty() || !same_package) continue;
        files.push_back(*std::move(file));
        names.push_back(texts[i].name);
    }
    auto out = std::make_shared<Declarations>();
    GoTranslator translator(pointer, *out);
    for (const GoFile& file : files) translator.add_file(file);
    translator.translate(files.front());
    find_reliance(files, names, *out);
    for (abi::TypeId id : out->roots) out->types.at(id).declared.file = texts.front().name;
    return out;
}

}  // namespace

Result<std::shared_ptr<const Declarations>> GoSource::declarations(const abi::Profile& profile) {
    if (profile.compiler != abi::Compiler::go) return fail(ErrorCode::bad_usage, fmt::format("{} is no ABI of Go", profile.name));
    std::string key = fmt::format("{} {}", profile.triple, profile.version);
    if (auto at = known_.find(key); at != known_.end()) return at->second;
    std::size_t slash = profile.triple.find('/');
    GoBuild build{
        .os = profile.triple.substr(0, slash), .architecture = profile.triple.substr(slash + 1), .version = profile.version, .tags = tags_};
    auto made = read(texts_, build, profile.pointer);
    known_.emplace(key, made);
    return made;
}

}  // namespace abiscope::source
