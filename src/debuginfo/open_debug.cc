#include "debuginfo/open_debug.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"

namespace abiscope::debuginfo {

namespace {

std::string folder_of(const std::string& path) {
    auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(std::string_view path) {
    auto slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

void add_by_build_id(std::vector<std::string>& paths, const DebugFolders& folders, const std::string& id) {
    if (id.size() <= 2) return;
    for (const std::string& folder : folders.paths)
        paths.push_back(folder + "/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug");
}

class FileCompanions final : public dwarf::Companions {
public:
    // `sink` may be null.
    FileCompanions(FileFinder& finder, std::string program, std::string debug_file, Links links, DebugFolders folders, const Limits& limits,
                   Purpose purpose, finding::Sink* sink)
        : finder_(finder),
          program_(std::move(program)),
          debug_file_(std::move(debug_file)),
          links_(std::move(links)),
          folders_(std::move(folders)),
          limits_(limits),
          purpose_(purpose),
          unheard_(limits),
          sink_(sink == nullptr ? unheard_ : *sink) {}

    Result<dwarf::Sections> supplementary() override {
        std::vector<std::string> paths;
        if (links_.supplementary.starts_with('/')) {
            paths.push_back(links_.supplementary);
        } else {
            paths.push_back(folder_of(debug_file_) + "/" + links_.supplementary);
        }
        add_by_build_id(paths, folders_, links_.supplementary_id);
        for (const std::string& path : paths) {
            auto found = sections(path);
            if (!found) continue;
            if (!links_.supplementary_id.empty() && !found->links.build_id.empty() && found->links.build_id != links_.supplementary_id)
                continue;
            return std::move(found->sections);
        }
        return fail(Error{
            .code = ErrorCode::not_found, .what = "file made by dwz", .file = program_, .wanted = text::join(paths, " or "), .had = {}});
    }

    std::optional<dwarf::Sections> package() override {
        for (const std::string& path : {program_ + ".dwp", debug_file_ + ".dwp"}) {
            if (auto found = sections(path)) return std::move(found->sections);
        }
        return std::nullopt;
    }

    Result<dwarf::Sections> split(std::string_view directory, std::string_view name, std::uint64_t) override {
        std::vector<std::string> paths;
        if (name.starts_with('/')) {
            paths.emplace_back(name);
        } else {
            paths.push_back(std::string(directory) + "/" + std::string(name));
            paths.push_back(folder_of(program_) + "/" + std::string(name));
        }
        paths.push_back(folder_of(program_) + "/" + name_of(name));
        for (const std::string& path : paths) {
            if (auto found = sections(path)) return std::move(found->sections);
        }
        return fail(
            Error{.code = ErrorCode::not_found, .what = "split unit", .file = program_, .wanted = text::join(paths, " or "), .had = {}});
    }

private:
    std::optional<DebugSections> sections(const std::string& path) {
        auto source = finder_.open(path);
        if (!source) return std::nullopt;
        auto read = read_debug_sections(*source, (*source)->view(), limits_, sink_, purpose_);
        if (!read) return std::nullopt;
        read->sections.file = path;
        return *std::move(read);
    }

    FileFinder& finder_;
    std::string program_;
    std::string debug_file_;
    Links links_;
    DebugFolders folders_;
    Limits limits_;
    Purpose purpose_;
    finding::Sink unheard_;
    finding::Sink& sink_;
};

bool has_debug(const dwarf::Sections& sections) { return sections.has(dwarf::SectionId::info) || sections.has(dwarf::SectionId::types); }

}  // namespace

std::vector<std::string> debug_file_paths(const std::string& program, const Links& links, const DebugFolders& folders) {
    std::vector<std::string> paths;
    add_by_build_id(paths, folders, links.build_id);
    if (!links.debug_link.empty() && links.debug_link.find('/') == std::string::npos) {
        std::string folder = folder_of(program);
        paths.push_back(folder + "/" + links.debug_link);
        paths.push_back(folder + "/.debug/" + links.debug_link);
        if (!folder.starts_with('/')) return paths;
        for (const std::string& top : folders.paths) paths.push_back(top + folder + "/" + links.debug_link);
    }
    return paths;
}

Result<dwarf::Debug> open_debug(const SourcePtr& program, FileFinder* finder, const DebugFolders& folders, const Limits& limits,
                                finding::Sink& sink, Purpose purpose) {
    ABISCOPE_TRY(auto own, read_debug_sections(program, program->view(), limits, sink, purpose));
    std::string debug_file = program->name();
    if (!has_debug(own.sections) && finder != nullptr) {
        std::vector<std::string> paths = debug_file_paths(program->name(), own.links, folders);
        bool found = false;
        for (const std::string& path : paths) {
            auto source = path == program->name() ? Result<SourcePtr>(fail(ErrorCode::not_found, "itself")) : finder->open(path);
            if (!source) continue;
            auto other = read_debug_sections(*source, (*source)->view(), limits, sink, purpose);
            if (!other || !has_debug(other->sections)) continue;
            if (!own.links.build_id.empty() && !other->links.build_id.empty() && own.links.build_id != other->links.build_id) continue;
            other->sections.file = path;
            debug_file = path;
            own = *std::move(other);
            found = true;
            break;
        }
        if (!found) {
            return fail(Error{.code = ErrorCode::not_found,
                              .what = "no debug information in the file",
                              .file = program->name(),
                              .wanted = paths.empty() ? "a .debug_info section" : text::join(paths, " or "),
                              .had = {}});
        }
    }
    if (finder == nullptr) return dwarf::Debug::open(std::move(own.sections), nullptr, limits, sink);
    FileCompanions companions(*finder, program->name(), debug_file, own.links, folders, limits, purpose, &sink);
    return dwarf::Debug::open(std::move(own.sections), &companions, limits, sink);
}

Result<dwarf::Debug> open_debug_lazily(const DebugFile& file, FileFinder* finder, const Limits& limits) {
    finding::Sink unheard(limits);
    ABISCOPE_TRY(auto own, read_debug_sections(file.source, file.source->view(), limits, unheard, Purpose::code));
    std::shared_ptr<dwarf::Companions> companions;
    if (finder != nullptr)
        companions =
            std::make_shared<FileCompanions>(*finder, file.program, file.path, own.links, DebugFolders(), limits, Purpose::code, nullptr);
    return dwarf::Debug::open_lazily(std::move(own.sections), std::move(companions), limits);
}

}  // namespace abiscope::debuginfo
