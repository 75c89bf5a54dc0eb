#include "target/described_libraries.h"

#include <map>

namespace abiscope::target {

std::vector<std::shared_ptr<const DescribedLibrary>> described_libraries(const Target& target) {
    std::map<std::string, std::shared_ptr<const DescribedLibrary>> found;
    auto add = [&](const std::string& path) {
        auto contents = target.files->open(path, Credentials{});
        const auto* library = contents ? std::get_if<std::shared_ptr<const DescribedLibrary>>(&*contents) : nullptr;
        if (library != nullptr) found.emplace((*library)->soname, *library);
    };
    if (!target.files) return {};
    add(target.libc.loader);
    for (const std::string& folder : target.libc.directories) {
        for (const std::string& name : target.files->list(folder)) add(folder + "/" + name);
    }
    std::vector<std::shared_ptr<const DescribedLibrary>> out;
    out.reserve(found.size());
    for (auto& [soname, library] : found) out.push_back(std::move(library));
    return out;
}

}  // namespace abiscope::target
