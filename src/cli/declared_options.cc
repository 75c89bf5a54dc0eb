#include "cli/declared_options.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "cli/debug_files.h"
#include "cli/subjects.h"
#include "debuginfo/open_debug.h"
#include "object/detect.h"
#include "source/c_source.h"
#include "source/go_source.h"

namespace abiscope::cli {

namespace {

Result<abi::Language> language_of(const DeclaredOptions& options, const std::string& file) {
    if (options.language == "c") return abi::Language::c;
    if (options.language == "c++") return abi::Language::cxx;
    if (options.language == "go") return abi::Language::go;
    std::string_view name = file;
    std::string_view ending = name.find('.') == std::string_view::npos ? std::string_view() : name.substr(name.rfind('.'));
    if (file.empty() || ending == ".c" || ending == ".h") return abi::Language::c;
    if (ending == ".go") return abi::Language::go;
    constexpr std::string_view cxx[] = {".cc", ".cpp", ".cxx", ".C", ".hh", ".hpp", ".hxx", ".H", ".ipp", ".inl"};
    if (std::ranges::find(cxx, ending) != std::end(cxx)) return abi::Language::cxx;
    return fail(Error{.code = ErrorCode::bad_usage,
                      .what = fmt::format("{} does not say its language by its name; give --lang c, c++ or go", text::printable(file))});
}

// "-std=gnu++20" -> "/c++20": what is an aggregate depends on it.
std::string standard_of(const std::vector<std::string>& flags) {
    std::string found;
    for (const std::string& flag : flags) {
        if (!flag.starts_with("-std=")) continue;
        std::string_view name = std::string_view(flag).substr(5);
        if (!name.starts_with("c++") && !name.starts_with("gnu++")) continue;
        std::string_view year = name.substr(name.find("++") + 2);
        found = fmt::format("/c++{}",
                            year == "0x"                                                       ? "11"
                                : year == "1y"                                                 ? "14"
                                : year == "1z"                                                 ? "17"
                                : year == "2a"                                                 ? "20"
                                : year == "20" || year == "17" || year == "14" || year == "11" ? year
                                                                                               : "23");
    }
    return found;
}

// `all`, a pattern, a name.
std::vector<std::string> expand_abi(const std::string& word, abi::Language language) {
    bool go = language == abi::Language::go;
    auto fits = [go](const std::string& name) { return name.starts_with("go-") || name.starts_with("go0-") ? go : !go; };
    bool all = word == "all";
    if (!all && word.find_first_of("*?[") == std::string::npos) return {word};
    std::vector<std::string> names;
    bool full = word.find('/') != std::string::npos;
    for (const std::string& name : full ? abi::profile_names() : abi::abi_names()) {
        if (fits(name) && (all || text::glob_match(word, name))) names.push_back(name);
    }
    if (names.empty()) names.push_back(word);
    return names;
}

// -tags a,b and -tags=a,b of the go command.
std::vector<std::string> build_tags(const std::vector<std::string>& flags) {
    std::vector<std::string> tags;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        std::string_view list;
        if (flags[i] == "-tags" && i + 1 < flags.size()) list = flags[++i];
        if (flags[i].starts_with("-tags=")) list = std::string_view(flags[i]).substr(6);
        for (std::string_view tag : text::split(list, ", ")) {
            if (!tag.empty()) tags.emplace_back(tag);
        }
    }
    return tags;
}

// The other files of a Go file's folder, where its names may be declared.
std::vector<source::GoText> rest_of_package(const std::string& file) {
    std::vector<source::GoText> texts;
    std::error_code failed;
    std::filesystem::path path(file);
    std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::set<std::filesystem::path> others;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        std::string name = entry.path().filename().string();
        if (name.ends_with(".go") && !name.ends_with("_test.go") && name != path.filename().string()) others.insert(entry.path());
    }
    for (const std::filesystem::path& other : others) {
        if (auto bytes = open_subject(other.string())) texts.push_back({other.string(), std::string((*bytes)->view().as_text())});
    }
    return texts;
}

debuginfo::DebugFolders debug_folders(const DeclaredOptions& options) {
    debuginfo::DebugFolders folders;
    if (!options.debug_folder.empty()) folders.paths.insert(folders.paths.begin(), options.debug_folder);
    return folders;
}

Result<NamedSource> open_program(const DeclaredOptions& options, const SourcePtr& program, source::ProgramWanted wanted) {
    DebugFiles files;
    auto opened = source::ProgramSource::open(program, files, debug_folders(options), std::move(wanted));
    if (!opened) {
        Error error = opened.error();
        if (error.code == ErrorCode::not_found) {
            error.what =
                "no debug information to take types from: build it with -g, install the debug package of this very build, or name the "
                "folder that holds its debug files with --debug-folder";
        }
        return fail(std::move(error));
    }
    NamedSource out{.name = program->name(), .language = (*opened)->own().language};
    out.program = opened->get();
    out.types = *std::move(opened);
    return out;
}

}  // namespace

bool is_program(View bytes) {
    switch (object::detect(bytes).kind) {
        case object::FileKind::elf:
        case object::FileKind::pe:
        case object::FileKind::coff:
        case object::FileKind::macho:
        case object::FileKind::macho_fat: return true;
        default: return false;
    }
}

void add_declared_options(OptionTable& table, DeclaredOptions& options) {
    table.option("-e,--text", options.texts, "Take the types from TEXT; several are read as one", {.type = "TEXT"});
    table.option("--lang", options.language, "Language: auto (by the file's name, C for --text), c, c++ or go",
                 {.type = "LANGUAGE", .choices = {"auto", "c", "c++", "go"}});
    table.option("--abi", options.abis, "ABIs by the names of `abiscope abi list`: names, patterns (sysv-*) or all, separated by commas",
                 {.type = "ABI", .separator = ','});
    table.option("--debug-folder", options.debug_folder, "Look for a program's separate debug files here, before /usr/lib/debug",
                 {.type = "DIR"});
}

Result<NamedSource> read_text(const DeclaredOptions& options, std::string text, const std::string& like_file) {
    abi::Language language = language_of(options, like_file).value_or(abi::Language::c);
    NamedSource out{.name = "-e", .language = language};
    if (language == abi::Language::go) {
        out.types = std::make_unique<source::GoSource>(std::vector<source::GoText>{{"-e", std::move(text)}}, build_tags(options.flags));
        return out;
    }
    out.types = std::make_unique<source::CSource>(source::CText{.name = "-e",
                                                                .text = std::move(text),
                                                                .language = language,
                                                                .snippet = true,
                                                                .types = options.types,
                                                                .functions = options.functions,
                                                                .flags = options.flags});
    return out;
}

Result<NamedSource> open_types(const DeclaredOptions& options, const std::string& file, source::ProgramWanted wanted) {
    if (file.empty()) return read_text(options, text::join(options.texts, "\n"), {});
    ABISCOPE_TRY(SourcePtr bytes, open_subject(file));
    if (is_program(bytes->view())) return open_program(options, bytes, std::move(wanted));
    ABISCOPE_TRY(abi::Language language, language_of(options, file));
    NamedSource out{.name = file, .language = language};
    if (language == abi::Language::go) {
        std::vector<source::GoText> texts{{file, std::string(bytes->view().as_text())}};
        for (source::GoText& other : rest_of_package(file)) texts.push_back(std::move(other));
        out.types = std::make_unique<source::GoSource>(std::move(texts), build_tags(options.flags));
        return out;
    }
    std::string name = file == "-" ? std::string("standard-input") : file;
    out.types = std::make_unique<source::CSource>(source::CText{.name = std::move(name),
                                                                .text = std::string(bytes->view().as_text()),
                                                                .language = language,
                                                                .texts = options.member_texts,
                                                                .types = options.types,
                                                                .functions = options.functions,
                                                                .flags = options.flags});
    return out;
}

Result<std::vector<abi::Profile>> profiles_for(const DeclaredOptions& options, const NamedSource& from,
                                               const std::vector<std::string>& usual, bool own_first) {
    abi::Language language = from.language;
    std::vector<std::string> words = options.abis;
    if (from.program != nullptr && !from.program->own().profile.empty() && (words.empty() || own_first))
        words.insert(words.begin(), from.program->own().profile);
    if (options.abis.empty()) {
        for (const std::string& abi : usual) {
            if (words.empty() || from.program == nullptr || !words.front().starts_with(abi + "/")) words.push_back(abi);
        }
    }
    std::vector<abi::Profile> profiles;
    std::string standard = language == abi::Language::cxx ? standard_of(options.flags) : std::string();
    for (const std::string& word : words) {
        for (const std::string& name : expand_abi(word, language)) {
            bool own_standard = name.find("/c++") != std::string::npos;
            auto profile = abi::find_profile(own_standard ? name : name + standard);
            if (!profile) {
                Error error = profile.error();
                error.what += error.wanted.empty() ? ";" : fmt::format("; did you mean {}?", error.wanted);
                error.what += " `abiscope abi list` shows them all";
                error.wanted.clear();
                error.had.clear();
                return fail(std::move(error));
            }
            if ((profile->compiler == abi::Compiler::go) != (language == abi::Language::go)) {
                return fail(Error{.code = ErrorCode::bad_usage,
                                  .what = fmt::format("{} is {}an ABI of Go, and the types are {}Go's", profile->name,
                                                      profile->compiler == abi::Compiler::go ? "" : "not ",
                                                      language == abi::Language::go ? "" : "not ")});
            }
            bool known = std::ranges::any_of(profiles, [&](const abi::Profile& other) { return other.name == profile->name; });
            if (!known) profiles.push_back(*std::move(profile));
        }
    }
    return profiles;
}

}  // namespace abiscope::cli
