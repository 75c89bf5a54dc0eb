// Runs a fuzz target over its corpus without libFuzzer: `NAME_fuzz --corpora DIR NAME`, or `NAME_fuzz FILE...` for single inputs.
//
// corpora.txt beside the folders says which folders feed a target that has no folder of its own, or more than one.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

// A reader that needs longer than this for one seed has lost its bound; sanitizers and a busy machine are allowed for.
constexpr std::chrono::seconds most_per_input{10};

std::vector<fs::path> folders_of(const fs::path& corpora, const std::string& name) {
    std::vector<fs::path> folders{corpora / name};
    std::ifstream list(corpora / "corpora.txt");
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        std::string target;
        words >> target;
        if (target != name + ":") continue;
        for (std::string folder; words >> folder;) folders.push_back(corpora / folder);
    }
    return folders;
}

std::vector<fs::path> inputs_in(const std::vector<fs::path>& folders) {
    std::vector<fs::path> inputs;
    for (const auto& folder : folders) {
        if (!fs::is_directory(folder)) continue;
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (entry.is_regular_file()) inputs.push_back(entry.path());
        }
    }
    return inputs;
}

bool run(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file) {
        fmt::print(stderr, "{}: cannot be read\n", path.string());
        return false;
    }
    // Named first: a sanitizer ends the process without saying which input it was.
    fmt::print(stderr, "{}\n", path.string());
    auto start = std::chrono::steady_clock::now();
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start);
    if (seconds > most_per_input) {
        fmt::print(stderr, "{}: took {:.1f} s, more than {} s\n", path.string(), seconds.count(), most_per_input.count());
        return false;
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::vector<fs::path> inputs(arguments.begin(), arguments.end());
    if (arguments.size() == 3 && arguments[0] == "--corpora") inputs = inputs_in(folders_of(arguments[1], arguments[2]));
    if (inputs.empty()) {
        fmt::print(stderr, "no inputs: tests/fuzz/corpus has nothing for this target\n");
        return 1;
    }
    // The empty input is in every corpus.
    LLVMFuzzerTestOneInput(nullptr, 0);
    std::size_t failed = 0;
    for (const auto& path : inputs) failed += run(path) ? 0 : 1;
    fmt::print("{} inputs, {} failed\n", inputs.size(), failed);
    return failed == 0 ? 0 : 1;
}
