#pragma once

namespace aegis::os {
class Clock;
class CountingFileSystem;
class File;
class FileLock;
class FileSystem;
class MemoryBudget;
class Random;
class ThreadPool;
}  // namespace aegis::os
