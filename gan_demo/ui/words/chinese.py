"""The page in Simplified Chinese: the same keys, with the paper's English term where it helps to look things up."""

from gan_demo.ui.words import lab_chinese, train_chinese

TEXTS = {
    **lab_chinese.TEXTS,
    **train_chinese.TEXTS,
    "title": "没有人写过的数字",
    "tagline": "生成器 G 把随机数画成手写数字；判别器 D 负责分辨真假。",
    "about": "关于模型",
    # The places, each with some of the tabs.
    "places": "栏目",
    "place look": "四处看看",
    "place try": "动手试试",
    "place learn": "看它学习",
    # The guided paths, and the view for a projector.
    "guide": "导览",
    "minute": "一分钟，{count} 站",
    "lecture": "一堂课，{count} 幅图",
    "failures": "失败的训练，{count} 站",
    "stop before": "上一站",
    "stop after": "下一站",
    "stop leave": "退出导览",
    "stop digits": "这些数字没有人写过，每一个都是生成器用 64 个随机数画出来的。点一个细看。",
    "stop between": "两个数字之间还有别的图片，多数仍是数字。播放一遍，从一个隐向量走到下一个。",
    "stop ask": "判别器只见过真实数字和生成数字。自己写一个，看它怎么判断。",
    "stop play": "你能比 D 分得更准吗？十对数字，每对一真一假。",
    "stop 2014": "2014：G 负责画，D 负责辨，互相学习（Goodfellow）。曲线就是这场博弈的比分。",
    "stop latents": "每走一步，数字只变一点；沿途的图片大多还像数字。",
    "stop convolutions": "2015：全连接网络会留下斑点。把模型换成 dcgan，卷积画出的笔画是完整的（Radford）。",
    "stop wasserstein": (
        "2017：评论家（critic）给图片打分；只要它跟得上，两类分数之差就是对距离的估计（Arjovsky）。"
        "这里它起初落后：数字越画越好，差距却越来越大。"
    ),
    "stop meaning": "隐空间的方向是有含义的。把倾斜拖动一个单位，数字大多还是那个数字。",
    "stop inversion": "生成器画不出什么？先写一个 7，再画一个笑脸，比较两次的误差。",
    "stop belief": "D 能知道什么？只有真实数字和生成数字。先写一个 7，再画一个笑脸。",
    "stop collapsed": "模式崩溃（mode collapse）：故意训练失败的例子。隐向量各不相同，G 画来画去却只有那几个数字。",
    "stop collapse": "G 只画当下骗得过 D 的样子，D 学会了，它就换一种。看看“画出了几种数字”这条曲线。",
    "stop lost": "梯度消失：D 一开始就赢了，G 始终没学会画数字。",
    "stop vanished": "D 认得出每一个样本。损失一旦饱和，梯度几乎为 0，G 停在原地。",
    "for projector": "投影模式",
    "present leave": "退出投影模式",
    # The model picker and its line of facts.
    "model": "模型",
    "no such name": "没有找到模型",
    "instead": "已改用页面自带的模型。",
    "commit": "来自 Hub",
    # A model of the Hub, typed in.
    "from the hub": "或从 Hugging Face Hub 加载",
    "hub field": "Hub 上的仓库",
    "hub example": "owner/name 或 owner/name@revision",
    "hub fetch": "加载",
    "hub fetching": "正在下载",
    "hub busy": "有人正在下载另一个模型，请稍后再试。",
    "hub name": "{name} 不是仓库名：格式应为 owner/name 或 owner/name@revision。",
    "hub missing": (
        "Hub 上没有 {name}，或者它是私有的。自己的私有模型可用 python -m gan_demo page --checkpoint {name} 打开。"
    ),
    "hub gated": "{name} 需要授权访问：获得授权后，可用 python -m gan_demo page --checkpoint {name} 打开。",
    "hub revision": "{name} 没有版本 {revision}。",
    "hub network": "目前无法连接 Hub，请稍后再试。其他模型不受影响。",
    "hub trouble": "Hub 出现故障或请求过多，请稍后再试。",
    "hub large": "{name} 太大：最多下载 {limit} MB。",
    "hub foreign": "无法显示 {name}：{why}。",
    "hub damaged": "{name} 在下载中损坏，请重试。",
    "recipe": "训练方案",
    "recipe changed": "{recipe}（训练中手动改过）",
    "short mlp": "MLP",
    "short dcgan": "DCGAN",
    "short style": "风格",
    "short in training": "训练中",
    "short unfinished": "未训练完",
    "short epochs": "{epochs} 轮",
    "short failure collapsed": "失败：模式崩溃",
    "short failure D has won": "失败：D 完胜",
    "training failed": "训练失败",
    "failure collapsed": "模式崩溃（mode collapse）：十个数字只画得出几个",
    "failure D has won": "D 几乎能认出每一个样本；损失已饱和，G 得不到梯度",
    "short frechet": "Fréchet\u00a0{distance:.2f}",
    "conditional": "{networks}，可指定数字",
    "conditional classes": "{networks}，可指定类别：{names}",
    "broken": "{name}（无法加载）",
    "architecture": "网络结构",
    "long mlp": "全连接（MLP）",
    "long dcgan": "卷积（DCGAN）",
    "long style": "基于风格（StyleGAN）",
    "objective": "目标函数",
    "trained for": "训练情况",
    "epochs": "{dataset}，{epochs} 轮",
    "epochs on": "{dataset}，{before} + {epochs} 轮",
    "epochs on another": "先在 {first} 上 {before} 轮，再在 {dataset} 上 {epochs} 轮",
    "epochs so far": "{dataset}，已训练 {done}/{epochs} 轮",
    "steps on": "{dataset}，{steps} 步",
    "unknown training": "未知",
    "frechet": "Fréchet 距离",
    "frechet of": "{distance:.2f}",
    "frechet beside": "{distance:.2f}（真实{noun}：{floor:.2f}）",
    "no frechet": "尚未测量",
    # Controls that several tabs have.
    "settings": "设置",
    "seed": "随机种子",
    "row": "行号",
    "radius": "半径",
    "variation": "变体",
    "digit": "数字",
    "class": "类别",
    "dice": "随机换一个种子",
    "zoom": "缩放",
    # In the place of texts that speak of digits, where a model draws something else: `markup.either`.
    "title of others": "没有人画过的图片",
    "tagline of others": "生成器 G 把随机数画成图片；判别器 D 负责分辨真假。",
    "samples lede of others": (
        "每幅图都由一串随机数生成，即它的隐向量（latent）z。随机种子决定这些随机数。每幅图下方是 D 认为它有多真。"
    ),
    "interpolate lede of others": (
        "在隐空间（latent space）中从一点走到下一点。"
        "中间的图像从未出现在训练数据里，却大多仍像真图。可以输入种子或地址、掷骰子，或点击收藏的图，把它加入路线。"
    ),
    "invert lede of others": (
        "画一幅图，看生成器怎样寻找能画出它的隐向量。始终对不上的地方，是它画不出来的，或是搜索没有找到的。"
    ),
    "directions lede of others": (
        "让隐向量沿着有意义的方向移动，看图与 D 的判断如何变化。每个滑块的作用都经过测量，不靠猜测。"
    ),
    "discriminator lede of others": (
        "画一幅图，落笔的同时就能看到 D 的判断。D 只见过真图和它自己的生成器画的图，它会告诉你：你画的更像哪一种。"
    ),
    "invert of others": "你的图",
    "upload of others": "或者选择一张图片",
    "draw here of others": "在这里画",
    # The legend of belief.
    "legend": "D 的判断：",
    "legend best": "本页最优 D 的判断：",
    "legend fake": "假",
    "legend unsure": "说不准",
    "legend real": "真",
    "why near half": "怎么看这个数",
    "best calibrated": (
        "本页最优 D 是针对这个生成器重新训练的，没有惩罚项，并用留出的图片校准过：它给出 80\u00a0% 的图片中，"
        "约有 80\u00a0% 是真的。所以这里可以直接看数值。它估计的是 p_data / (p_data + p_G)，"
        "没有哪个 D 能胜过这个值（Goodfellow 等 2014，命题 1）。"
    ),
    "no scale": "无法着色：这个评分没有固定尺度；{why}",
    "colours rank": (
        "颜色表示它在测试集真实{noun}中的排名：这个 D 对真假{noun}的评分只差几个百分点，直接着色会是一片灰。"
    ),
    "colours best": (
        "颜色和数值来自本页最优 D，它是在生成器定型之后训练的。训练结束时的 D 对所有{noun}的评分都差不多，"
        "直接着色会是一片灰。"
    ),
    "who trained": "D",
    "who best": "本页最优 D",
    "who says": "{who}：{verdict}",
    "trained says": "训练结束时的 D：{number}",
    "formula": "D 与 G 的训练目标",
    "cited": "{what}（{source}）",
    "penalty added": "加在 D 的损失上",
    "kept in bounds": "限制 D 的斜率",
    "every steps": "，D 每 {every} 步一次",
    # What D says, and where it ranks.
    "surely fake": "肯定是假的",
    "rather fake": "像是假的",
    "cannot tell": "说不准",
    "rather real": "像是真的",
    "surely real": "肯定是真的",
    "among the lowest": "处于最低一档",
    "rather low": "偏低",
    "in the middle": "居中",
    "rather high": "偏高",
    "among the highest": "处于最高一档",
    "no number": "没有数值",
    "rank none": "无法与{group}比较",
    "rank below all": "比所有{group}都更假",
    "rank above all": "比所有{group}都更真",
    "rank below most": "比超过 99\u00a0% 的{group}更假",
    "rank above most": "比超过 99\u00a0% 的{group}更真",
    "rank more": "比 {share} 的{group}更真",
    # The corner with the language and the link, and what can be copied.
    "two sentences": "{one}{other}",
    "and": "、",  # between the members of a list
    "copy link": "复制链接",
    "copy link info": "链接会还原当前页面：模型、标签页和各项设置",
    "copy": "复制",
    "copied": "已复制",
    "not copied": "浏览器不允许复制，请手动复制",
    # The address of a picture.
    "address": "地址",
    "in python": "Python 代码",
    "as command": "命令行",
    # The pinned digits.
    "pinned": "收藏",
    "no pins": "还没有收藏。收藏的图会保存在这个浏览器里。",
    "pin": "收藏",
    "pin it": "收藏 {address}",
    "use it": "使用 {address}",
    "unpin": "移除 {address}",
    "pins full": "最多收藏 {most} 个，请先移除一个",
    "not here": "无法显示",
    # Samples.
    "samples": "采样",
    "samples lede": (
        "每个数字都由一串随机数生成，即它的隐向量（latent）z。随机种子决定这些随机数。每个数字下方是 D 认为它有多真。"
    ),
    "count": "数量",
    "truncation": "截断（truncation）",
    "truncation info": "小于 1：更典型",
    "truncation info w": "0：平均；−1：相反",
    "towards": "截断趋向",
    "towards typical": "典型隐向量",
    "towards middle": "更短的隐向量",
    "led to typical": "每个隐向量沿球面上的弧移向本模型最近的典型隐向量，长度不变（Mokady 等，2022）。",
    "led to middle": "每个隐向量都乘以 {psi:g}。",
    "led in w": "每个 w 与平均 w 之差都乘以 {psi}（Karras 等，2019）。",
    "led across in w": "每个 w 都移到平均 w 的另一侧，距离为原来的 {share}（Karras 等，2019）。",
    "no typical": "{model} 没有典型隐向量：其地址中的截断以 t 开头，而非 c",
    "truncated": (
        "用本模型的 {samples} 幅图片在截断（truncation）{level:g} 时实测：精确率 {precision:.2f}"
        "（为 1 时 {whole_precision:.2f}），覆盖率 {coverage:.2f}（为 1 时 {whole_coverage:.2f}）。"
        "精确率高说明图像逼真，覆盖率高说明样式多。"
    ),
    "taken for real": "{count} 幅图中，{who} 认为 {real} 幅是真的",
    "share of": "{group}的 {share}",
    "above the middle": "{count} 幅图中，{real} 幅的评分高于中间水平",
    "sample": "种子 {seed} 第 {row} 行。{who}：{number}，{verdict}",
    "sample as": "种子 {seed} 第 {row} 行，指定为 {digit}。{who}：{number}，{verdict}",
    "turn": "0–9 轮流",
    "best class": "最符合的类别",
    "ten": "每个隐向量画出 0–9",
    "classes in turn": "轮流",
    "each as all classes": "每个隐向量画出全部类别",
    "ask for": "指定类别",
    "as which class": "当作哪一类",
    "latent": "隐向量 {row}",
    "order": "排序",
    "by row": "按行号",
    "most real": "最真的在前",
    "least real": "最假的在前",
    "which digits": "画出了哪些数字",
    "all digits": "十个都有",
    "digits missing": "没有认作 {digits} 的（若十个数字机会均等，平均也会缺 {chance:.1f} 个）",
    "digits missing asked": "没有认作 {digits} 的",
    "spread of scores": "{who} 的评分",
    "scores here": "{number}：{all} 个中有 {count} 个",
    "grid png": "拼图（PNG）",
    "digits zip": "单图与表格（ZIP）",
    # One digit, closely.
    "choose one": "点一个，仔细看看它。",
    "closely read": "数字分类器认作 {digit}（置信度 {share}）。",
    "use as A": "设为 A",
    "use as B": "设为 B",
    "ask D": "交给判别器",
    "address field": "输入或粘贴另一个地址，按回车",
    "variations": "变体：半径",
    "variations info": "0：它本身 · 1：与它无关",
    "variation of": "变体 {number}",
    "no radius": "半径为 0 时，所有变体都是它本身。",
    "nearest looking": "正在寻找最接近的真实图片……",
    "nearest": "训练集中最接近的数字",
    "nearest alt": "训练集中最接近的真实数字",
    "nearest told": (
        "784 个像素（取值 0 到 1）的欧氏距离为 {distance:.2f}，是 {dataset} 的 {count} 个训练样本中最近的。"
        "在 {probes} 个测试样本中，有 {share}\u00a0% 离各自最近的训练样本更远。"
    ),
    "shipped": "最接近的真实数字",
    "shipped alt": "最接近的真实测试数字",
    "shipped told": (
        "784 个像素（取值 0 到 1）的欧氏距离为 {distance:.2f}，是本页自带的 {count} 个 MNIST 测试样本中最近的"
        "（这台机器上没有 {dataset}）。其中 {probes} 个样本里，有 {share}\u00a0% 离各自最近的另一个样本更远。"
    ),
    "nearest unnamed": "只在 MNIST 这类有名称的数据集中查找最接近的训练图片，不会打开文件夹查找。",
    "no nearest": "这台机器上没有 {dataset}，因此无法显示训练集中最接近的数字。",
    # The game.
    "game": "猜真假",
    "game lede": "每对数字中，一个是真人写的，D 从没见过；另一个由模型生成。你能比 D 看得更准吗？",
    "game ask": "哪个是真的？",
    "game left": "左边",
    "game right": "右边",
    "game yes left": "答对了，左边是真的。",
    "game yes right": "答对了，右边是真的。",
    "game no left": "答错了，左边才是真的。",
    "game no right": "答错了，右边才是真的。",
    "game drawn": "{model} 生成",
    "game row real": "真实",
    "game real": "MNIST 测试集第 {place} 号",
    "game keys": "按键：← → 或 1 2 选择，再按其中任意键或 Enter 继续。",
    "game next": "下一对",
    "game against": "对手（由易到难）：",
    "game beat": "发来链接的人答对了 {score}/{count}。题目相同，轮到你了。",
    "game over": "你答对了 {score}/{count}",
    "game score": "{score}/{count}",
    "game ahead": "你比这个生成器训练时的对手 D 看得更准。",
    "game level": "你和这个生成器训练时的对手 D 打成平手。",
    "game behind": "这个生成器训练时的对手 D 看得更准。",
    "game chance": "全凭瞎猜，也有 {share} 的可能答对 {score} 对或更多。",
    "game you": "你",
    "game trained": "训练结束时的 D",
    "game best": "本页最优 D",
    "game hit": "对",
    "game miss": "错",
    "game again": "换十对再来",
    "game challenge": "复制这十对的链接",
    "no game": "{model} 生成的不是十个数字，没有真实数字可以和它比。",
    "no game of others": "{model} 是用 {dataset} 训练的，而本游戏的真实数字来自 MNIST，一眼就能看出来。",
    "game unranked": "未测量",
    "no answers": "一局的回答是 {count} 个字母，每个为 l 或 r。",
    "tells": "破绽在哪里",
    "tell pieces": "笔画碎成的块数多于真实数字（98\u00a0% 的真实数字不超过 {usual} 块）：{pairs}",
    "tell faint": "近乎全黑的像素过多（98\u00a0% 的真实数字不超过 {usual} 个）：{pairs}",
    "tell pale": "墨色比 98\u00a0% 的真实数字更淡：{pairs}",
    "tell nothing": "用这些简单的指标看不出破绽：{pairs}",
    "tell surest": "{judge} 最确信的：{pairs}",
    "tell fooled": "{judge} 错得最离谱的：{pairs}",
    "one pair": "第 {pairs} 对",
    "more pairs": "第 {pairs} 对",
    "list comma": "、",
    # Map.
    "map": "地图",
    "map lede": ("一片没有边界的隐空间平面：每个整数坐标点各有一个隐向量，点与点之间平滑过渡。"),
    "map lede mouse": "拖动可移动，滚轮或双指可缩放。",
    "map lede touch": "先轻点一下地图，再拖动；双指缩放。",
    "world": "地图种子",
    "tint": "着色",
    "by belief": "D 的判断",
    "by digit": "识别出的数字",
    "by rank": "D 给的排名",
    "untinted": "不着色",
    "the map": "隐空间地图",
    "map zoom out": "缩小",
    "map home": "回到起点",
    "map help": "点一个即收藏，点两个就连成一条路线。键盘：方向键移动，+ 和 − 缩放，Enter 收藏。",
    "map help touch": "轻点即显示该处的图；轻点两处连成一条路线。",
    "map busy": "现在看地图的人很多，其余的图稍后就到。",
    "map lost": "服务器没有回应，正在重试。",
    "looks like": "分类器认作 {digit}",
    "map read as": "认作",
    "rank legend": "在该生成器的{noun}中，D 认为它",
    "rank low": "最假",
    "rank middle": "居中",
    "rank high": "最真",
    "reading": "由项目自带的数字分类器识别；它也会认错，尤其是介于两个数字之间的",
    "walk": "从 A 走到 B",
    "walk from": "{start} → {end}",
    "not on the map": "{address} 不在地图上：只有在地图上收藏的图才能带你回到那里",
    # Interpolate.
    "interpolate": "插值",
    "interpolate lede": (
        "在隐空间（latent space）中从一点走到下一点。中间的图像从未出现在训练数据里，却大多仍像数字。"
        "可以输入种子或地址、掷骰子，或点击收藏的数字，把它加入路线。"
    ),
    "point": "途经点 {letter}：种子或地址",
    "point info": "种子（42）、种子与行号（42:3），或完整地址",
    "earlier": "前移",
    "later": "后移",
    "leave out": "去掉",
    "add point": "+ 途经点",
    "path": "路径",
    "spherical": "球面（slerp）",
    "linear": "直线（lerp）",
    "path info": "球面插值保持 z 的范数",
    "steps": "帧数",
    "frame": "第 {step}/{steps} 帧。{who}：{number}，{verdict}",
    "walk hint": "也可以拖动滑块或曲线",
    "where": "第 {frame}/{steps} 帧 · {what} {norm}",
    "frames to come": "正在画各帧……",
    "place on way": "路线上的位置",
    "belief along": "{who} 的判断",
    "norm of z": "z 的范数",
    "norm of w": "到平均 w 的距离",
    "walk in": "在哪个空间走",
    "no w": "该模型没有 w：那是风格生成器的映射网络之后的空间",
    "in z": "z",
    "in w": "w",
    "in w+": "W+",
    "walk beyond z": "路线在 {space} 中：有一个途经点位于其中，没有对应的 z。",
    "walk in info": "w 在映射网络之后",
    "speed": "图像变化的快慢",
    "speed info": "用数字分类器的特征衡量，以每段路为单位；累加起来就是路线的长度。",
    "length": "{path}：长度 {length}",
    "fine layers": "细层",
    "from 14": "14×14 及以上",
    "from 28": "仅 28×28",
    "mixing": "风格混合。",
    "mixing about": "行提供粗层，列提供细层。点击可收藏。",
    "mixing read": "两个不同数字混合出 {count} 幅：分类器把 {row} 幅读作行的数字，{column} 幅读作列的数字。",
    "psi": "在 w 中截断。",
    "psi about": "ψ = 0 时都是平均 w，1 是其本身，−1 是平均 w 的另一侧。",
    "mixed": "{coarse} 的粗层，{fine} 的细层",
    "noise": "噪声。",
    "noise about": (
        "依次为：关闭、模型自带、重新抽取；随后是重抽 {draws} 次时每个像素的标准差："
        "所有层，以及仅某一种大小的层。白色为 {white} 个灰度级。"
    ),
    "noise told": "平均为 {mean} 个灰度级（共 255）。",
    "noise read": "{count} 次抽取中，分类器有 {others} 次读成了别的数字。",
    "noise off": "关闭",
    "noise own": "自带",
    "noise anew": "重抽",
    "noise all": "全部",
    "noise map": "{letter}：噪声（层：{layers}）使每个像素变化多少",
    "norm band": "先验分布的 {share}\u00a0%",
    "other norm": "若路径为{path}",
    "download": "下载",
    "frames zip": "各帧（ZIP）",
    # Your digit.
    "invert": "你的数字",
    "invert lede": (
        "写一个数字，看生成器怎样寻找能画出它的隐向量。始终对不上的地方，是它画不出来的，或是搜索没有找到的。"
    ),
    "look for": "要找什么",
    "look nearest": "最接近的图",
    "look repair": "补全涂掉的部分",
    "look enlarge": "由 7×7 像素还原",
    "invert as": "当作哪个数字",
    "nearest of all": "哪个最接近就用哪个",
    "invert printed": "印刷体数字",
    "invert own": "该生成器画的一个",
    "paint mask": "涂掉要让生成器补全的部分",
    "invert nothing": "生成器仿写的结果会显示在这里。",
    "mask nothing": "涂掉的部分会被忘掉，由生成器给出几种补法。",
    "yours": "你的",
    "known": "已知的部分",
    "generators": "生成器的",
    "difference": "差异",
    "only yours": "你多出的",
    "only generators": "它多出的",
    "looking": "正在随机隐向量中寻找",
    "looking at": "正在靠近：误差 {error}",
    "error small": (
        "<b>它画你的图，比画大多数真实{noun}更像。</b>误差 {error}：{share} 的测试集真实{noun}误差比这更大"
        "（中位数 {middle}）。"
    ),
    "error usual": (
        "<b>它画得出你的图，但不如画大多数真实{noun}那么像。</b>误差 {error}：{share} 的测试集真实{noun}误差比这更大"
        "（中位数 {middle}）。"
    ),
    "error large": (
        "<b>找到的与你的图相差很大。</b>误差 {error}：几乎所有测试集真实{noun}的误差都更小（中位数 {middle}），"
        "只有 {share} 更难画。"
    ),
    "error largest": (
        "<b>没有找到与你的图相近的。</b>误差 {error}：比试过的所有测试集真实{noun}的误差都大（中位数 {middle}）。"
    ),
    "error alone": "误差 {error}。要与真实{noun}比较，请运行 {command}",
    "repair done": "{count} 种补法。未涂部分的误差不超过 {error}。",
    "enlarge done": "缩小后同为这 7×7 像素的图：{count} 幅，误差不超过 {error}。",
    "answer": "误差 {error}。{who}：{number}",
    "space": "空间",
    "error": "误差",
    "from mean": "离均值",
    "took": "用时",
    "took seconds": "{seconds:.1f}\u00a0秒",
    "fits about": (
        "<b>在 z、w 和 W+ 中做同样的搜索。</b>W+ 让 {layers} 层各有一个 w。它贴得最近，却最说明不了问题："
        "连生成器从不会画的东西，它也能贴合（Abdal 2019）。“离均值”表示它到均值的距离，是该生成器自己画的图的几倍。"
    ),
    "neighbours": "附近的图",
    "neighbours note": "同一个隐向量，略微转向随机方向。可以收藏其中一个或你自己的，在其他标签页使用。",
    "neighbour": "附近的图。{who}：{number}，{verdict}",
    # Directions.
    "directions": "方向",
    "directions lede": "让隐向量沿着有意义的方向移动，看数字与 D 的判断如何变化。每个滑块的作用都经过测量，不靠猜测。",
    "start at": "起点",
    "move in": "在哪个空间移动",
    "random walk": "随机游走",
    "stop walk": "停止游走",
    "reset": "重置",
    "keep still": "其余保持不变",
    "shape": "形状",
    "which digit": "哪个数字",
    "slant": "倾斜",
    "stroke width": "笔画粗细",
    "size": "大小",
    "roundness": "圆度",
    "own direction": "自定义：这些减那些",
    "digit direction": "更像 {digit}",
    "component": "{kind} {number}（主要：{measure}）",
    "per unit": "每单位 {amount}",
    "share per unit": "每单位 {amount} 认作 {digit}",
    "digit stays": "数字不变 {share}",
    "moves more": "影响更大：{measure}",
    "a unit moves": "每单位：{moves}",
    "of variance": "方差占比",
    "of eigenvalues": "特征值占比",
    "how measured": (
        "由 {probes} 个隐向量测得。一个单位是先验分布的一个标准差；“数字不变”是指朝两侧各移动 {step} 个单位后，"
        "仍被识别为同一个数字的比例。"
    ),
    "how measured of others": "由 {probes} 个隐向量测得。一个单位是先验分布的一个标准差。",
    "how measured in w of others": "由 {probes} 个隐向量测得。一个单位是 w 的一个标准差。",
    "how measured in w": (
        "由 {probes} 个隐向量测得。一个单位是 w 的一个标准差；“数字不变”是指朝两侧各移动 {step} 个单位后，"
        "仍被识别为同一个数字的比例。"
    ),
    "no directions in w": "该模型还没有 w 中的方向：运行 {command} 即可找到",
    "z beside w": "z 与 w 对照",
    "w more linear": "w 的线性更好：用 w 的线性模型能解释形状变化的 {w}，用 z 的能解释 {z}。",
    "z more linear": "z 的线性更好：用 z 的线性模型能解释形状变化的 {z}，用 w 的能解释 {w}。",
    "alike linear": "z 与 w 的线性相近：用 z 的线性模型能解释形状变化的 {z}，用 w 的能解释 {w}。",
    "how linear": "R²、AUC",
    "how linear of others": "R²",
    "unit moves": "每单位变化",
    "stays": "数字不变",
    "how linear note": (
        "R²：线性模型能解释的该量方差的比例。表中移动时不要求其余保持不变，因此每单位的变化可能比上面的滑块大。"
    ),
    "how linear note digits": "AUC（用于数字）：线性模型把是该数字的样本排在不是的样本之前的频率。",
    "sweep": "展开成一排：{name}",
    "sweep of": "从一端到另一端：{name}",
    "without labels": "无监督发现的方向",
    "without labels note": (
        "生成器浅层特征的主成分（GANSpace），以及第一层最敏感的方向（SeFa）。名称取自它们影响最大的量（以标准差计）。"
    ),
    "arithmetic": "隐向量算术：A − B + C",
    "arithmetic note": "先选一个格子，再点击收藏的图，或输入地址。结果会缩放到 A 的范数。",
    "arithmetic note w": "先选一个格子，再点击收藏的图，或输入地址。结果由它们的 w 相加减得到。",
    "type address": "输入地址，例如 42:3，然后按回车",
    "own title": "自定义方向：这些减那些",
    "own note": "用同样的方法在两侧各收集几幅图：两组的均值之差就是一个新的滑块。",
    "these": "这些",
    "those": "那些",
    "raw z": "z 的全部 {size} 个数",
    "raw note": "每个数都来自 N(0, 1)。单独一个数通常没有明确含义。",
    "raw w": "w 的全部 {size} 个数",
    "raw note w": "由映射网络从 z 算出。单独一个数通常没有明确含义。",
    "recognised": "识别为 {digit}（{share}）",
    "length of z": "z 的范数",
    "length of w": "与平均 w 的距离",
    "length usual": "{length:.2f}（通常为 {usual:.2f}）",
    "answer lost": "服务器没有回应，请重试",
    "amount": "移动量",
    "too many": "这里最多放 {most} 个地址",
    "not amounts": "移动量应写成方向名加数值，例如 slant: 2",
    "no such direction": "{model} 没有方向 {name}",
    "no directions": "该模型还没有方向：运行 {command} 即可找到",
    "units": "单元的作用",
    "units about": (
        "单元是某一层的一个通道。小图显示：画上面那幅图时，它在哪些位置激活；每幅小图的尺度各不相同。"
        "点击一个单元，即可看到关闭它和加倍它时画出的图（Bau 2019）。"
    ),
    "units layer": "层",
    "units by": "排序依据",
    "units when": "操作",
    "units off": "关闭",
    "units doubled": "加倍",
    "units before": "原来",
    "units ink": "墨量",
    "units loops": "圈数",
    "units ends": "笔画端点",
    "units digit": "对原数字的置信度",
    "units first": "前 {count} 个一起",
    "units all": "全部 {count} 个",
    "units measuring": "测量中：{share}",
    "units read": "每幅下方是分类器读出的数字。",
    "units told": (
        "<b>{name}</b>，{switch}。{measure}的变化：平均 {amount}（由未参与排序的 {half} 个隐向量测得）。"
        "同层其他单元，每次 {count} 个：{chance}（不计方向）。"
    ),
    "unit": "单元 {number}",
    # Discriminator.
    "discriminator": "判别器",
    "discriminator lede": (
        "写一个数字，落笔的同时就能看到 D 的判断。D 只见过真实数字和它自己的生成器画的数字，"
        "它会告诉你：你写的更像哪一种。"
    ),
    "upload": "或者选择一张数字图片",
    "upload more": "也可以拖到这里，或直接粘贴",
    "upload kinds": "深色或浅色笔迹、照片、手绘均可",
    "examples": "或选一个示例",
    "example real": "真实",
    "source real": "真实数字：MNIST 测试集第 {place} 号，写的是 {label}。所有 D 训练时都没见过它",
    "example generated": "本模型",
    "example printed": "印刷",
    "example noise": "噪声",
    "source found": "由 {model} 用搜索到的隐向量生成",
    "source generated": "由 {model} 用种子 {seed} 生成",
    "source printed": "印刷体数字：D 只见过手写体",
    "source noise": "噪声：D 从未见过类似的东西",
    "source upload": "你的图片",
    "judge as": "当作哪个数字来判断",
    "best": "识别出的数字",
    "fits best": "当作 {digit}（最像这一类，排名因而略偏高）",
    "judged as": "当作 {digit}",
    "judged as read": "当作 {digit}（分类器的识别结果）",
    "original": "你给的原图",
    "note found": "数字已从图中剪出，周围的内容不算在内",
    "note several": "这张图上有几个数字，这里取了其中一个。要换一个，请在图上点它，或拖动框选它",
    "note unsure": "不能确定图中哪一部分是数字。请在图上拖动框选它",
    "note marked": "取自你框选的部分",
    "on dark": "这张图是浅底深色，而这个模型的图是深底浅色，所以明暗已反转",
    "on light": "这张图是深底浅色，而这个模型的图是浅底深色，所以明暗已反转",
    "mark digit": "手动框选数字",
    "mark digit of others": "手动框选一部分",
    "mark keys": (
        "你的图片。用鼠标或手指拖动，框出要看的部分。"
        "键盘：方向键移动选框，Shift 加方向键改变大小，回车键取框中的内容，Esc 键去掉选框。"
    ),
    "digit on picture": "图上第 {n} 个数字",
    "seen": "D 看到的：28×28 像素",
    "raw": "原始输出（{unit}）",
    "real group": "测试集真实{noun}",
    "generated group": "生成{noun}",
    "digits": "数字",
    "pictures": "图片",
    "chart": "这个评分所处的位置",
    "chart of real": "测试集真实{noun}",
    "chart of generated": "该生成器的作品",
    "told apart": (
        "把一张测试集真实图片与该生成器的一张作品放在一起，这个 D 有 {share} 的机会认出真的；随机猜测是 50\u00a0%。"
    ),
    "of the sheet": "这里与本页自带的 1,000 个测试集真实数字比较：{why}。",
    "no best": "还没有针对该生成器训练最优 D：运行 {command} 即可。",
    "voice best": "本页最优 D",
    "voice trained": "训练结束时的 D",
    "best real": "本页最优 D 认为它是真的",
    "best unsure": "本页最优 D 看不出真假",
    "best fake": "本页最优 D 认为它是生成的",
    "trained high": "训练结束时的 D 给它的排名靠前",
    "trained middle": "训练结束时的 D 给它的排名居中",
    "trained low": "训练结束时的 D 给它的排名靠后",
    "alone high": "D 给它的排名靠前",
    "alone middle": "D 给它的排名居中",
    "alone low": "D 给它的排名靠后",
    "alone said": "{said}。",
    "alone weak": "{said}。不过这说明不了什么：这个 D 几乎分不出真假。",
    "voices agree": "{best}，{trained}。",
    "voices differ": "{best}，但{trained}。",
    "voices differ weak": "{best}，但{trained}。后者几乎分不出真假。",
    "voice single": "{best}。",
    "far": "D 从没见过类似的图片，它给出的数值在这里没有意义。",
    "best told apart": (
        "生成器定型之后，针对它重新训练而成。它能正确辨认 {share} 的测试集真实{noun}与该生成器的作品；"
        "随机猜测是 50\u00a0%。"
    ),
    "best sees what": "它看的是什么？",
    "best sees": (
        "它看到的图片只有 16 级灰度，训练时有一半图片经过轻微的平移、缩放和模糊。"
        "换成黑白图，它的正确率为 {page_black}，模糊之后为 {page_blurred}：越接近 50\u00a0%，"
        "说明它越依赖墨色和边缘的深浅，而不是笔画的形状。最敏锐的最优 D 能看到全部灰度（只用于测量，这里不问它），"
        "正确率为 {most}：生成器常露出真实数字没有的灰度。只给它 16 级灰度时正确率为 {coarse}，只给黑白时为 {black}，"
        "模糊之后为 {blurred}。"
    ),
    "best sees not": (
        "你画的或拍的图会先变成黑白，再缩小，和 MNIST 的制作方法一样，所以深浅和真实数字差不多。"
        "离这两类都很远的图片会被判为“从没见过”。噪声、多数笑脸和大写字母能认出来；多数倒置的数字、几乎所有其他生成器"
        "画的数字却认不出来，仍会得到一个没有检验过的数值。"
    ),
    "odds best": "依据本页最优 D（它看的是粗略的图片）：D / (1 − D) = p_data / p_G（Goodfellow 等 2014，命题 1）",
    "judges far": "这些 D 都没见过类似的图片，它们怎么说都不算数。",
    "short best": "本页最优 D",
    "film judges": "评审",
    "no comparison": "暂时无法比较：{why}。",
    "in training": "该训练尚未完成，D 对真图的评分还会变化",
    "not measured": "该模型尚未评估。{measure}",
    "metrics damaged": "无法读取 metrics.json（{error}）。{measure}",
    "metrics of others": "metrics.json 对应的是另一份权重。{measure}",
    "measure": "评估方法：运行 {command}",
    "examples more": "换一批",
    "example linked": "链接",
    "example other": "其他模型",
    "example turned": "倒置",
    "example letter": "字母",
    "source drawing": "你的手写",
    "source changed": "你改过",
    "source letter": "印刷体字母：D 只见过数字",
    "source turned": "由 {model} 用种子 {seed} 生成，上下颠倒：D 只见过正着的",
    "source other": "{source}：这是另一个生成器，这个 D 训练时没见过它的作品",
    "source climbed": "针对 {model} 改得更逼真",
    "what d sees": "D 看到的是",
    "prepared": "按 MNIST 的方式处理",
    "plain": "只缩小",
    "slopes": "哪些像素对训练结束时的 D 重要",
    "slope up": "此处调亮，D 觉得更真",
    "slope down": "此处调暗，D 觉得更真",
    "climb": "改得更逼真",
    "climb film": "一步步更逼真",
    "climb note": (
        "这是一次对抗攻击（Szegedy 等 2013）：每一步都沿着训练结束时那个 D 的输出梯度走，"
        "改动量不超过把一个像素由黑变白。"
        "被攻击的 D 很快就给它很高的排名，却错了：许多同方向的小改动在它那里累加起来（Goodfellow 等 2015）。"
        "每一步下面是本页最优 D 的看法（它也可能受骗），以及其他评审排名的中位数。"
    ),
    "at the top": "任何小改动都无法让 D 觉得更真了",
    "not question": "请发送图片，并说明要做什么",
    "likelier data": "在数据分布下的可能性，是在生成器分布下的 {times} 倍",
    "likelier generator": "在生成器分布下的可能性，是在数据分布下的 {times} 倍",
    "likelier neither": "在数据分布与生成器分布下的可能性差不多",
    "over a million": "100 万+",
    "odds why": "前提：这个 D 是最优判别器，即 D = p_data / (p_data + p_G)",
    "odds penalised": "前提：这个 D 是最优判别器，即 D = p_data / (p_data + p_G)；惩罚项会把这个比值拉向 1",
    "judges": "评审团",
    "judges note": "同一张图片交给用该数据集训练的每个模型的 D。每个模型的评分尺度不同，但排名可以相互比较。"
    "每个 D 只见过自己生成器的作品，别的生成器的作品可能骗过它。",
    "d looks": "D 正在看……",
    "judges look": "评审正在看这幅图……",
    "judges median": "{said}（评审团的中位数）",
    "judge": "评审",
    "judge says": "判断",
    "among real": "比多少真实图片更真",
    "among own": "比多少本模型的作品更真",
    # The canvas.
    "draw here": "在这里写一个数字",
    "drawing tools": "绘图工具",
    "pen": "画笔",
    "eraser": "橡皮",
    "pen width": "画笔粗细",
    "undo": "撤销",
    "redo": "重做",
    "clear": "清空",
    "canvas keys": "画布。用鼠标或手指书写。键盘：方向键移动画笔，空格键落笔或抬笔，Ctrl+Z 撤销，Delete 清空。",
    "not drawing": "手绘图应是 {small}×{small} 或 {large}×{large} 像素，每像素一个字节，以 base64 编码",
    # Training.
    "training": "训练过程",
    "training lede": "这个模型是怎样学会的。拖动滑块，看同一组隐向量在各轮画出的图；颜色表示当轮 D 的判断。",
    "growing": "成长过程",
    "growing note": "同样的 100 个隐向量（种子 0，第 0–99 行）在各轮画出的图",
    "growing note classes": "同样的隐向量（种子 0）在各轮画出的全部类别",
    "growing note ten": "同样的 10 个隐向量（种子 0）在各轮画出的全部十个数字",
    "growing note critic": "· 颜色表示该评分在该轮真图与生成图的评分中所处的位置",
    "grown digit": "{number}，{verdict}",
    "epoch": "第 {epoch} 轮",
    "before training": "训练之前",
    "which epoch": "轮次",
    "play": "播放",
    "pause": "暂停",
    "curves": "训练曲线",
    "more curves": "更多曲线（{count}）",
    "curves hint": "拖动可放大，点击可跳到该轮",
    "zoom in": "放大",
    "zoom out": "全部轮次",
    "curve losses": "损失",
    "curve losses note": "双方各自最小化的目标（含惩罚项），并不衡量画得好不好",
    "curve belief": "D 的判断",
    "curve belief note": "两者都接近 50\u00a0%：D 分不出真假，或是惩罚项不让它说得太肯定",
    "curve scores note": "对训练图片与对生成图片的平均输出",
    "curve gap note": "评论家（critic）把两者分开多远：只要它跟得上，这就是 Wasserstein 距离的估计（差一个倍数）",
    "curve on training": "训练图片",
    "curve on test": "测试图片",
    "curve on test at end": "测试（训练结束时）",
    "by heart": (
        "训练结束时与 {count} 个样本对比：训练图片的成对辨真率为 {train:.1f}\u00a0%，"
        "测试图片为 {test:.1f}\u00a0%。{meaning}"
    ),
    "by heart values": "V 分别为 {train} 和 {test}。",
    "by heart much": "两者之差就是 D 背下来的部分。",
    "by heart little": "可见它几乎没有死记硬背。",
    "no curve on test": "这次训练没有记录测试图片的曲线，图中的圆圈是训练结束时的值。",
    "light": "训练途中用 {few} 个样本测量；下表用 {samples} 个样本，距离因此更低，两者并不矛盾。",
    "joined": "虚线：从第 {epoch} 轮起继续训练",
    "joined again": "虚线：从第 {epochs} 轮起分别继续训练",
    "joined short": "虚线：从第 {epoch} 轮起，{share} 的隐向量被缩短，以适应截断（truncation）",
    "swing": (
        "第 {first}、{middle}、{last} 轮：这 {count} 幅图里，D 先后把 {a}、{b}、{c} 幅当成真的。"
        "双方你追我赶，来回摆动。"
    ),
    "curve of real": "对真图",
    "curve of fake": "对生成图",
    "curve value note": (
        "D 一律给出 50\u00a0% 时为 −log 4；高出的部分是 Jensen–Shannon 散度（JSD）一个下界的两倍，除非 D 背下了训练图片"
    ),
    "curve ranked": "成对辨真率（AUC）",
    "curve ranked note": "一张训练图、一张生成图，D 认出前者的比例：接近 100\u00a0% 就是 D 赢了",
    "curve guessing": "随机猜测",
    "curve frechet note": "与真实图片的距离（类似 FID，用本项目的分类器特征）：越低越好",
    "coverage": "覆盖率",
    "curve coverage note": "真实图片的多样性覆盖了多少：越高越好",
    "curve class_kl": "类别 KL",
    "curve class_kl note": "越接近真实图片自身的值越好，并非越低越好；十个数字一样多时为 0",
    "curve digits": "画出了几种数字",
    "curve digits note": "以分类器为准，不清楚的也算。少于十种：模式崩溃（mode collapse）",
    "in epochs": "第 {epochs} 轮：",
    "flag digits missing": "有数字缺失。",
    "flag digits missing note": "并非每个数字都占到样本的 0.5\u00a0%；若一直如此，就是模式崩溃（mode collapse）。",
    "flag D has won": "D 赢了。",
    "flag D has won note": "几乎每一对里 D 都能认出真图。若损失含 sigmoid，G 可能学不到什么了。",
    "flag G has won": "D 落后了。",
    "flag G has won note": "它把生成的图排在真图之上；但这并不说明生成的图有多好。",
    "first epoch": "{model} 在第一轮训练中就停止了：这里的数值只来自已完成的部分。",
    "no history": "{model} 没有附带训练记录，因此没有曲线。",
    "no snapshots": "{model} 没有附带各轮的快照，因此看不到成长过程。",
    "history damaged": "无法显示训练记录：{why}。",
    "snapshots damaged": "无法显示各轮的图：{why}。",
    # All models.
    "all models": "{dataset} 的全部模型",
    "all models note": (
        "均与测试集真实图片比较；↑ 越高越好，↓ 越低越好；没有箭头的以接近真实图片为佳。"
        "Fréchet 距离类似 FID，但用本项目的分类器特征。"
    ),
    "few samples": (
        "只用 {samples} 个样本与同样多的测试图片比较，数量太少：仅凭偶然，比例就可能相差 ±{error:.2f}，"
        "Fréchet 距离也会偏高，真实图片的同样如此。"
    ),
    "best_accuracy note": (
        "最敏锐的最优 D 的辨真率越接近 50\u00a0%（随机猜测）越好；"
        "它能看到全部灰度，所以比只看 16 级灰度的本页最优 D 更准。"
    ),
    "labels_100 note": ("“100 个标签”：只用 100 个带标签的数字，线性分类器凭 D 的特征读对测试数字的比例。"),
    "every model": "全部 {count} 个模型",
    "real pictures": "真实图片",
    "short network": "网络",
    "epochs trained": "轮数",
    "seconds trained": "训练用时",
    "density": "密度",
    "of samples": "{name}（{samples} 个样本）",
    "precision": "精确率",
    "recall": "召回率",
    "near_duplicates": "近似重复",
    "best_accuracy": "最敏锐的最优 D 的辨真率",
    "gan_test": "GAN-test",
    "gan_train": "GAN-train",
    "labels_100": "100 个标签",
    "seconds": "{seconds:.0f} 秒",
    "minutes": "{minutes:.0f} 分钟",
    "short conditional": "{network}（条件）",
    # What went wrong.
    "oops": "没有成功",
    "close": "关闭",
    "huge": "这个数字太大了：服务器只读 64 位以内的整数。",
    "busy": "现在访问的人很多，请稍后再试。",
    "too much": "你所在的网络同时提出的请求太多，请稍后再试。",
    "failed": "服务器出错了，请重试。",
    "not points": "路线应有 2 到 {most} 个途经点，而不是 {value} 个",
    "unknown model": "没有名为 {name} 的模型，请从列表中选择",
    "not address": "{value} 不是地址：地址形如 dcgan:42:3，依次是模型、种子、行号",
    "not place": "{value} 不是地图上的位置：位置形如 x1.25:y-3，带缩放时形如 x1.25:y-3:z2",
    "latent too long": "地址最多容纳 {most} 个数，而这个隐向量更长",
    "other latents": "这个隐向量有 {count} 个数，而该模型的隐向量有 {wanted} 个",
    "no such space": "这个地址是 {space} 中的一点，只有基于风格的生成器才有这个空间",
    "not in z": "这个地址是 {space} 中的一点，而这里只能用隐向量 z",
    "link wrong": "链接有误：{why}",
    "link part wrong": "链接中的 {part} 有误：{why}。页面已忽略这一项。",
    "not labels": "labels 应是一个数字，或 {count} 个数字的列表，而不是 {value} 个",
    "not conditional": "{model} 不能指定数字或类别：只有条件模型可以",
    "not whole": "{name}应是 {low} 到 {high} 之间的整数，而不是 {value}",
    "not number": "{name}应是 {low:g} 到 {high:g} 之间的数，而不是 {value}",
    "not a number": "{value} 不是数",
    "link's value": "链接中的值",
    "not choice": "{name}应是 {choices} 之一，而不是 {value}",
    "not part": "图片的一部分要写成左、上、右、下，即 0 到 1 之间占边长的比例，且至少相差 {least}，不能是 {value}",
    "picture gone": "这张图片已不再保留：请重新上传",
    "values": "值的个数不对",
    "not uploaded": "请直接上传图片：不会打开路径或网址",
    "server gone": "服务器没有响应，显示的内容可能已过时；恢复后页面会自动继续。",
    "server slow": "服务器响应较慢，变淡的内容稍后更新。",
    "upload large": "图片超过 {most} MB：请换一张小一些的",
    "upload full": "服务器的磁盘已满，暂时无法接收图片：请稍后再试",
    "upload failed": "图片没有传到服务器：请重新上传",
    "source linked": "链接里的图",
    "link drawing": "里面没有 28×28 的像素",
    "judge earlier": "评判画布上的内容",
    "nothing to judge": "还没有可以评判的内容：请画点什么、上传图片，或选一个示例",
    "blank": "这张图上什么也没画：请用浅底深色，或深底浅色的图片",
    "noisy": "这张图噪点太多，看不出数字：请换一张更清楚的",
}

# What D's number means: `belief.MEANINGS`, by its keys.
MEANINGS = {
    "logit": {
        "name": "为真的概率",
        "unit": "logit",
        "explanation": "D 的原始输出是 logit。取 sigmoid 后，就是 D 的估计：假设真假图片各占一半，这张图片为真的概率。",
        "caution": (
            "生成器学得好，判别器就只能猜：当两类图片难以区分时，最优的 D 对每张图片都给出 50\u00a0%"
            "（Goodfellow 等 2014，定理 1）。对斜率的惩罚项也会把 D 压在 50\u00a0% 附近。因此，与其看概率本身，"
            "不如看它在其他图中的排名。"
        ),
    },
    "target": {
        "name": "回归值",
        "unit": "输出",
        "explanation": (
            "D 按最小二乘训练：对真图输出 1，对生成的图输出 0。最优的 D 给出的正是为真的概率，但这个 D 没有 sigmoid，"
            "输出可以小于 0 或大于 1。"
        ),
        "caution": (
            "当真假图片难以区分时，最优的 D 一律给出 0.5（Mao 等 2017，3.2 节）。因此，与其看数值本身，"
            "不如看它在其他图中的排名。"
        ),
    },
    "margin": {
        "name": "间隔",
        "unit": "间隔",
        "explanation": ("D 用 hinge 损失训练：对真图输出 +1 以上，对生成的图输出 −1 以下。它并非概率。"),
        "caution": (
            "当真假图片难以区分时，−1 到 +1 之间的任何数都一样好，所以 0 附近的正负号说明不了什么。"
            "与其看数值本身，不如看它在其他图中的排名。"
        ),
    },
    "critic": {
        "name": "评分（critic）",
        "unit": "评分",
        "explanation": (
            "这里的 D 是评论家（critic）：输出没有固定尺度，也没有零点，只有差值有意义，即一张图比另一张真多少。"
        ),
        "caution": (
            "单看评分没有意义，所以颜色和措辞来自它在测试集真图与该生成器的图中的排名。排名只说明评分所处的位置，"
            "不说明 D 分得出真假：若两类图片的评分完全重叠，排名再高也没有意义。"
        ),
    },
    "relative": {
        "name": "相对评分",
        "unit": "评分",
        "explanation": "D 成对训练：两张图评分之差取 sigmoid，就是前一张为真图的概率。单独一张图的评分没有零点。",
        "caution": (
            "单看评分没有意义，所以颜色和措辞来自它在测试集真图与该生成器的图中的排名。排名只说明评分所处的位置，"
            "不说明 D 分得出真假：若两类图片的评分完全重叠，排名再高也没有意义。"
        ),
    },
}

# Messages from below the page, where English is spoken: pattern -> what to say in its place.
ERRORS = {
    **train_chinese.ERRORS,
    r"(.*) is not a model of this project: it has no (.*)": "它不是本项目的模型，缺少 \\2",
    r"(.*): config.json is not of this project: .*": "它不是本项目的模型",
    r"(.*): the config has version (.*) and this code reads (.*): update gan_demo": (
        "它的配置版本是 \\2，而本程序只支持版本 \\3"
    ),
    r"(.*): config.json .*": "它的 config.json 无法识别",
    r"(.*): the tensor (\S+) .*": "张量 \\2 与配置不符",
    r".* is not a picture: .*": "这不是图片：请使用 PNG、JPEG、WebP、GIF、BMP 或 TIFF 文件",
    r".* is in the format (\S+), which is not read: .*": "无法读取 \\1 图片：请另存为 JPEG 或 PNG",
    r".* is damaged.*(?:download it again|as PNG)": "图片已损坏或格式罕见：请重新保存为 PNG",
    r".* is too large \(.*": "图片太大：请先缩小",
    r".* is larger than (\d+) MB: make it smaller first": "图片超过 \\1 MB：请先缩小",
    r"(.*) is larger than (\d+) MB, too large for one of ours": "\\1 超过 \\2 MB，不会是本项目的文件",
    r"(.*) is damaged or not safetensors .*": "\\1 已损坏，或不是 safetensors 文件",
    r"(.*), line (\d+) is not a JSON object": "\\1 第 \\2 行不是 JSON 对象",
    r"(.*), line (\d+): epoch is not a whole number above (-?\d+)": "\\1 第 \\2 行的 epoch 不是大于 \\3 的整数",
    r"(.*), line (\d+): outputs are not 1 to (\d+) numbers": "\\1 第 \\2 行的 outputs 不是 1 到 \\3 个数",
    r"(.*) is not a grid of (\d+) digits": "\\1 不是 \\2 张图的网格",
    r"(.*) is larger than ([\d,]+) kB": "\\1 超过 \\2 kB",
    r"No space left on device(?:: .*)?\. What was saved last is whole; .*": (
        "磁盘已满。上次保存的内容完好；腾出空间后可以继续训练。"
    ),
    r"No space left on device(?:: .*)?": "磁盘已满",
    r"a point of (.*) has none of its own in (.*)": "\\1 空间中的点在 \\2 空间里没有对应的点",
    r"this model has no space '(.*)': .*": "该模型没有 \\1 空间",
    r"mask a part of the picture: .*": "请涂掉图片的一部分：不能什么都不涂，也不能全部涂掉",
    r".* has no directions yet: find them with (.*)": "该模型还没有方向：运行 \\1 即可找到",
    r".* was found on other weights: run (.*)": "directions.safetensors 对应的是另一份权重：请重新运行 \\1",
    r"(.*) is damaged or not of this project .*": "\\1 已损坏，或不属于本项目",
    r"coordinates on the map are from (\S+) to (.*)": "地图上的坐标范围是 \\1 到 \\2",
    r"an MP4 needs one more package: (.*)": "MP4 需要另装一个软件包：\\1",
    r"metrics.json has no part named discriminator": "metrics.json 中没有 discriminator 一项",
    r"metrics.json: (\S+) is not a list of ascending numbers": "metrics.json 的 \\1 不是升序的数列",
    r"(.*) has no (\S+): it is not a whole checkpoint": "\\1 缺少 \\2，不是完整的检查点",
    r"(.*) is not a checkpoint: it has no (.*)": "\\1 不是检查点：缺少 \\2",
    r"(.*) cannot be read \((.*)\)": "无法读取 \\1（\\2）",
    r"(.*) is missing(?:: .*)?": "缺少 \\1",
    r"this point has (\d+) numbers, and those of (.*) have (\d+)": "这个点有 \\1 个数，而 \\2 空间的点有 \\3 个",
    r"this is no point of (.*)": "这不是 \\1 空间中的点",
    r"this model has no noise: .*": "该模型没有噪声：只有基于风格的生成器才有",
    r"there is no direction '(.*)': .*": "没有名为 \\1 的方向",
    r"no directions were found in (\S+): .*": "在 \\1 空间中还没有找到方向",
    r"epoch (\d+) of (.*) is not kept; .*": "\\2 没有保留第 \\1 轮的网络",
    r"(.*) cannot be written \((.*)\)": "无法写入 \\1（\\2）",
    r"(.*) is damaged \((.*)\)": "\\1 已损坏（\\2）",
    r".* is made for .*, and this model draws .*": "这只适用于 28×28 的灰度图片，而该模型生成的是别的图片",
    # Of a config: they come with the name of the folder.
    r"(?:\S+: )?(?:classes|class_names|shape|the sides|the config|config.json|\S+ of a) \S+ .*": "它的配置无法识别",
    r"(?:\S+: )?latent_dim and widths are whole numbers from 1 to (\d+), not (.*)": (
        "隐向量维数和各层宽度应是 1 到 \\1 的整数，而不是 \\2"
    ),
    r"(?:\S+: )?a conditional generator takes the class in its batch norm: .*": (
        "条件生成器通过批归一化得知类别：请把 G 的归一化设为 batch"
    ),
}

# What each recipe is about, for the list of models, too: `recipes.RECIPES`, by its keys.
RECIPES = {
    "gan": "最早的 GAN：D 一旦十分肯定，G 就几乎学不到东西。",
    "ns-gan": "常用的 GAN：D 再肯定，G 也学得到东西。",
    "lsgan": "D 给 G 的评分离 1 越远，G 被拉得越用力。",
    "wgan": "D 衡量生成的图离真图有多远；它的权重被裁剪。",
    "wgan-gp": "D 衡量生成的图离真图有多远；它的斜率被拉向 1。",
    "dragan": "常用的 GAN，并让 D 在真图周围变化平缓。",
    "sngan": "D 的每一层都不会放大输入（谱归一化）。",
    "r3gan": "D 比较真图与生成的图；在真图处或生成的图处太陡，都要受罚。",
    "r1-gan": "常用的 GAN，并在真图处压平 D。",
}

# What keeps D from changing too fast: `penalties.PENALTIES`, by its keys, and the norm that does the same.
PENALTIES = {
    "clip": "权重裁剪：D 每走一步，就把所有权重拉回这个范围，斜率因此有界。",
    "gradient": "梯度惩罚：在真图与生成的图之间，把 D 的斜率拉向 1。",
    "dragan": "DRAGAN 惩罚：在真图周围，把 D 的斜率拉向 1。",
    "r1": "R1 惩罚：D 在真图处越陡，损失越大。",
    "r2": "R2 惩罚：D 在生成的图处越陡，损失越大。",
    "r1+r2": "R1 与 R2 惩罚：D 在真图处和生成的图处越陡，损失越大。",
    "spectral": "谱归一化：D 的每一层都除以自己最大的奇异值 σ，因此不会放大输入。",
}

# Parts of citations and formulas: pattern -> what to say in their place.
PHRASES = {
    r" et al\. ": " 等 ",
    r", section (\d+)": "，第 \\1 节",
    r", equation (\d+)": "，公式 \\1",
    r"(?<=[a-z]) and (?=[A-Z][a-z])": " 和 ",
    r"; ": "；",
    r", with D's slope kept bounded": "，且 D 的斜率有界",
    r", x and z in pairs": "，x 与 z 成对",
    r"every weight of D in ": "D 的每个权重都在 ",
    r", x̂ between x and G\(z\)": "，x̂ 在 x 与 G(z) 之间",
    r"\bnoise\b": "噪声",
}
