#include "cli/subjects.h"

#include "base/text.h"
#include "bytes/mapped_file.h"

namespace abiscope::cli {

std::vector<std::string> expand(const std::vector<std::string>& words, Output& output) {
    std::vector<std::string> paths;
    for (const std::string& word : words) {
        if (!word.starts_with('@') || word.size() == 1) {
            paths.push_back(word);
            continue;
        }
        std::string name = word.substr(1);
        auto list = name == "-" ? read_descriptor(0, "-") : open_file(name);
        if (!list) {
            output.error(list.error());
            continue;
        }
        // `find -print0`: then the names are as they stand.
        std::string_view names = (*list)->view().as_text();
        bool zeros = names.find('\0') != std::string_view::npos;
        for (std::string_view line : text::split(names, zeros ? std::string_view("\0", 1) : std::string_view("\n"))) {
            if (!zeros) line = text::trim(line);
            if (!line.empty() && (zeros || !line.starts_with('#'))) paths.emplace_back(line);
        }
    }
    return paths;
}

Result<SourcePtr> open_subject(const std::string& path) {
    auto source = path == "-" ? read_descriptor(0, "-") : open_file(path);
    if (!source && source.error().code == ErrorCode::not_a_file) {
        Error error = source.error();
        if (error.what == "is a directory, not a file")
            error.what += "; name the files in it, or list them with `find " + path + " -type f | abiscope ... @-`";
        return fail(std::move(error));
    }
    return source;
}

}  // namespace abiscope::cli
