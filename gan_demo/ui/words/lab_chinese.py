"""The lab in Chinese; see lab_english.py."""

TEXTS = {
    "lab": "实验室",
    "lab lede": "一个生成点的 GAN 就在你的浏览器里训练。数据分布完全已知，正确答案就摆在旁边。",
    "lab free": "自由探索",
    "lab lessons": "课程",
    "lab stage": "蓝色圆点是真实样本，橙色方块是生成样本；背景颜色是 D 的判断。",
    "lab stage line": "蓝色是数据分布，橙色是生成分布，实线是 D，虚线是最优判别器；下方是 G 把 z 送到哪里。",
    "lab legend plane": "● 真实 &ensp; ■ 生成 &ensp; 背景：D 认为真（蓝）或假（橙）",
    "lab legend label": "● 真实 &ensp; ■ 按标签 {label} 生成，其他标签的颜色较淡 &ensp; 背景：D 对标签 {label} 的判断",
    "lab legend line": "蓝：数据 &ensp; 橙：生成器 &ensp; 实线：D &ensp; 虚线：最优 D* &ensp; 下方：从 z 到 G(z)",
    "lab busy": "计算中",
    "lab run": "运行",
    "lab pause": "暂停",
    "lab iteration": "迭代一次",
    "lab iteration info": "D 走一步，然后 G 走一步",
    "lab step_d": "D 走一步",
    "lab step_d info": "只有 D 走一步，G 不动",
    "lab step_g": "G 走一步",
    "lab step_g info": "只有 G 走一步，D 不动",
    "lab best_d": "把 D 训练到最优",
    "lab best_d info": "只训练 D，直到再训练也没有收益",
    "lab slow": "慢动作",
    "lab slow info": "执行一次迭代的下一个小步，并给出数值",
    "lab again": "重新开始",
    "lab again info": "同一局从第一步重来",
    "lab rewind": "回退",
    "lab wrong": "数值已经发散：学习率对这一局来说太大。请调小后重新开始。",
    "lab broken": "实验室没有加载成功，请刷新页面再试。",
    "lab phase generate": "G 生成 {batch_size} 个点：x = G(z)",
    "lab phase loss d": "D 给两批点打分。{formula} = {loss_d}，惩罚项 {penalty}",
    "lab phase step d": "D 沿损失下降的方向走一步：ψ ← ψ − h Adam(∇L_D)，‖∇L_D‖ = {grad_d}",
    "lab phase loss g": "D 再给 G 的点打一次分。{formula} = {loss_g}",
    "lab phase step g": "梯度经 D 传回，G 走一步：θ ← θ − h Adam(∇L_G)，‖∇L_G‖ = {grad_g}",
    "lab phase average": "G 的滑动平均随之更新：θ̄ ← θ̄ + {rate} (θ − θ̄)",
    "lab step": "迭代次数",
    "lab step info": "已经走了多少步；D 或 G 单独走的一步也算在内",
    "lab js": "JS(数据, G)",
    "lab js info": "Jensen–Shannon 散度，单位 nat，介于 0 与 log 2 = .693；两个分布都略做模糊，所以是下界",
    "lab bound": "(V + log 4) / 2",
    "lab bound info": "D 所掌握的 JS 散度，两个分布都略做模糊。它与 JS 的差距就是 D 离最优还有多远",
    "lab value": "V(D, G)",
    "lab value info": "E[log D(x)] + E[log(1 − D(G(z)))]，单位 nat，两个分布都略做模糊；D 无法分辨时为 −log 4 = −1.386",
    "lab kl": "KL(数据 ‖ G)",
    "lab kl info": "单位 nat，模糊后计算，所以是下界：生成器漏掉数据时很大",
    "lab reverse": "KL(G ‖ 数据)",
    "lab reverse info": "单位 nat，模糊后计算，所以是下界：生成了数据里没有的东西时很大",
    "lab w1": "Wasserstein-1",
    "lab w1 plane": "切片 Wasserstein\u20111",
    "lab w1 info": "质量需要搬运多远：直线上是精确值；平面上是 600 个点在 24 个方向上的平均",
    "lab modes": "找到的模式",
    "lab modes info": "2500 个样本中至少有一个落在 3 个标准差以内的中心数，与 PacGAN 的数法相同",
    "lab good": "高质量样本",
    "lab good info": "落在某个中心 3 个标准差以内的样本比例",
    "lab slope": "D 的最大斜率",
    "lab slope info": "网格点上 D 输出的最大梯度，网格点之间可能更大",
    "lab loss_d": "D 的损失",
    "lab loss_d info": "最近一步，不含惩罚项",
    "lab loss_g": "G 的损失",
    "lab loss_g info": "最近一步",
    "lab large": "超过 100",
    "lab sign least": "下界",
    "lab sign estimate": "估计值",
    "lab sign exact": "精确值",
    "lab curve": "曲线",
    "lab curve empty": "从第一次迭代开始画。",
    "lab curve js": "JS 散度",
    "lab curve js told": "[ink] JS&emsp;[soft] D 所掌握的部分",
    "lab curve js alone told": "JS",
    "lab curve w1": "Wasserstein-1",
    "lab curve w1 told": "质量需要搬运多远",
    "lab curve losses": "双方的损失",
    "lab curve losses told": "[ink] D&emsp;[fake] G：最近若干步的平均",
    "lab curve slope": "D 的最大斜率",
    "lab curve slope told": "D 输出的最大梯度",
    "lab meanings": "这些数是什么意思",
    "lab place": "空间",
    "lab place plane": "平面",
    "lab place line": "直线",
    "lab data": "数据",
    "lab data gaussian": "一个高斯",
    "lab data ring": "8 个高斯的环",
    "lab data grid": "25 个高斯的网格",
    "lab data islands": "相距很远的两座岛",
    "lab data spiral": "螺旋",
    "lab data own": "手绘",
    "lab data two": "两个高斯",
    "lab draw here": "用指针画出你的数据；也可以用键盘：方向键移动十字。",
    "lab draw keys": (
        "十字在 ({x}, {y})，点数 {count}。方向键移动（加 Shift 移得更远），空格或回车放一个点，退格删去最后一个，"
        "Esc 结束。"
    ),
    "lab objective": "目标函数",
    "lab objective non-saturating": "非饱和",
    "lab objective minimax": "极小极大",
    "lab objective least-squares": "最小二乘",
    "lab objective wasserstein": "Wasserstein",
    "lab objective hinge": "合页",
    "lab objective relativistic": "相对式",
    "lab penalty": "惩罚项",
    "lab penalty none": "无",
    "lab penalty clip": "权重裁剪",
    "lab penalty gradient": "梯度惩罚",
    "lab penalty dragan": "DRAGAN",
    "lab penalty r1": "R1",
    "lab penalty r2": "R2",
    "lab penalty r1+r2": "R1 + R2",
    "lab field": "背景",
    "lab field d": "D 的判断",
    "lab field best": "最优 D 的判断",
    "lab field difference": "D 与最优 D 之差",
    "lab field slope": "D 的斜率与 1 相比",
    "lab arrows": "箭头",
    "lab arrows none": "无",
    "lab arrows minimax": "饱和损失的梯度",
    "lab arrows non-saturating": "非饱和损失的梯度",
    "lab arrows critic": "评论家的梯度",
    "lab lattice": "G 的网格",
    "lab spectral": "D 用谱归一化",
    "lab more": "学习率与规模",
    "lab lr_d": "D 的学习率",
    "lab lr_g": "G 的学习率",
    "lab d_steps": "G 每走一步 D 走几步",
    "lab penalty_weight": "惩罚项权重",
    "lab beta1": "Adam 的 β₁",
    "lab batch_size": "批大小",
    "lab g_layers": "G 的隐藏层数",
    "lab g_width": "G 每层的神经元数",
    "lab d_layers": "D 的隐藏层数",
    "lab d_width": "D 每层的神经元数",
    "lab label": "标签",
    "lab seed": "随机种子",
    "lab rate": "速度",
    "lab rate 0": "尽可能快",
    "lab rate 5": "每秒 5 次",
    "lab rate 30": "每秒 30 次",
    "lab check": "对答案",
    "lab right": "答对了。",
    "lab not right": "不对。",
    "lab yours": "你猜的是 {guess}。",
    "lab try": "看它发生",
    "lab next": "下一课：{title}",
    "lab game title": "博弈",
    "lab game question": (
        "D 已经学会区分蓝色的数据和橙色的生成分布，V(D, G) 表示它分得有多准。现在 G 走二十小步，D 不动。V 会怎样变化？"
    ),
    "lab game choices": "上升|下降|不变",
    "lab game answer": (
        "V 从 {before} 变为 {after}。双方争夺的是同一个数：D 想让它变大，G 想让它变小，就像警察和造假者共用一个比分。"
        "谁也不会一劳永逸地获胜，因为一方每走一步，另一方面对的问题就变了。"
    ),
    "lab game then": "在下面亲手下这盘棋：点“D 走一步”，再点“G 走一步”，看 V(D, G) 怎么变。",
    "lab best title": "最优的 D",
    "lab best question": "数据服从 N(0, 1)，生成器服从 N(2, 1)。在 x = 0 处，最优的 D 给出的“真实”概率应该是多少？",
    "lab best answer": (
        "在 x = 0 处，数据的密度是 {p}，生成器的密度是 {q}，所以 D* = {value}。D* 不需要训练：它就是 x 处所有样本中真实"
        "数据所占的比例。两个密度处处相等时，这个比例处处为 1/2，谁也分辨不出真假。"
    ),
    "lab best caption": "[real] 数据的密度&emsp;[fake] 生成器的密度&emsp;[ink] 最优的 D",
    "lab log4 title": "−log 4 与 JS",
    "lab log4 question": (
        "生成器逐渐远离数据，均值从 0 移到 8。D 取最优时，博弈的值是 C = −log 4 + 2 JS。C 会趋向哪里？"
    ),
    "lab log4 choices": "停在 −1.386|趋于 0|趋于 +∞",
    "lab log4 answer": (
        "均值为 8 时，C = {c}，JS = {js}，KL = {kl}。C 从 −log 4 = −1.386 出发，始终不超过 0，因为 JS 不会超过 log 2。"
        "均值超过 4 之后 C 几乎不再变化，而 KL 和 Wasserstein 距离还在增长。"
    ),
    "lab log4 then": "现在移动生成器，观察这四个数。",
    "lab log4 caption": "[real] 数据&emsp;[fake] 生成器",
    "lab log4 slider": "生成器的均值",
    "lab loss title": "为什么换损失",
    "lab loss question": (
        "生成器与数据相距 8，D 已是最优。G 可以最小化饱和损失 log(1 − D)，也可以最小化 −log D。"
        "前者的梯度与后者相比有多大？"
    ),
    "lab loss choices": "差不多|十分之一|不到千分之一",
    "lab loss formula": "E |d/dx log(1 − D*)|&ensp;与&ensp;E |d/dx −log D*|&ensp;相比，x = G(z)",
    "lab loss answer": (
        "{saturating} 对 {nonSaturating}。D 十分肯定时，D 接近 0，log(1 − D) 的曲线是平的，于是 G 恰恰在最差的时候什"
        "么也学不到。两种损失的终点相同，但只有后一种能从远处走到终点。"
    ),
    "lab loss race": (
        "从距离 8 出发，用普通梯度下降迭代 300 次：饱和损失到了 {minimax}，非饱和损失到了 {non-saturating}；数据在 "
        "0 处。Adam 会除以梯度的大小，所以会掩盖一部分差别。"
    ),
    "lab collapse title": "模式崩溃",
    "lab collapse question": "八座岛，D 的学习率只有 G 的百分之一。300 次迭代之后，G 覆盖几座岛？",
    "lab collapse choices": "全部 8 座|3 到 7 座|至多 2 座",
    "lab collapse formula": (
        "两个点：都在一处 → 一个在半路 → 各在一处。对数损失：½ max<sub>D</sub> V；相对式损失：max<sub>D</sub> "
        "E log σ(D(x) − D(y))，每个 y 与自己的 x 配对"
    ),
    "lab collapse answer": (
        "D 这么慢时是 8 座中的 {slow} 座；D 比 G 快一百倍时是 {quick} 座；两者势均力敌并加上 R1，500 次迭代后是 {fair} "
        "座。D 太慢，G 就会整个跑向 D 此刻偏爱的地方，然后再跑向下一处。D 赢定了，G 就得不到梯度。"
    ),
    "lab collapse more": "成对比较为什么有帮助",
    "lab collapse reason": (
        "两个生成点中的一个，要从第一个数据点挪到第二个。用对数损失，路上必须翻过一座山（{logPath}）；相对式损失让每个点"
        "都有自己的搭档，路上就没有山（{pairsPath}）。"
    ),
    "lab collapse then": "在下面用这个慢的 D 运行。然后把 D 的学习率改为 0.01，惩罚项选 R1，再看一次。",
    "lab disjoint title": "相距很远",
    "lab disjoint question": "两堆很窄的沙，先相距 1，再相距 4。JS 怎么变？",
    "lab disjoint choices": "变成两倍|变成四倍|完全不变",
    "lab disjoint formula": "p 与 q 不相交时 JS(p, q) = log 2；W₁(p, q) = p 与 q 的距离",
    "lab disjoint answer": (
        "相距 1 时 JS 为 {near}，相距 4 时为 {far}：两次都是 log 2，因为 D 再肯定也不过如此。Wasserstein-1 就是这段距"
        "离本身，{w1}，只要 D 的斜率不超过 1，它就能告诉 G 该往哪走。把权重裁剪到 0.01 能保证这一点，但有代价：在环上迭"
        "代 150 次后，D 的最大斜率只有 {clipped}；用梯度惩罚则是 {penalised}，因为它只是把斜率拉向 1，而且只在真实点与"
        "生成点之间。"
    ),
    "lab disjoint then": "在图中移动第二堆沙。在下面运行一个权重被裁剪的评论家，然后改选梯度惩罚。",
    "lab disjoint slider": "距离",
    "lab lipschitz title": "Lipschitz 条件",
    "lab lipschitz question": (
        "在曲线上任取一点，过它画斜率为 K 和 −K 的两条直线，如果曲线总夹在两线之间，这个函数就满足常数为 K 的 "
        "Lipschitz 条件。把交点沿曲线拖一拖：K 至少要多大？"
    ),
    "lab lipschitz answer": (
        "K = {value}，即这条曲线最陡处的斜率。K = 1 的评论家量出的就是 Wasserstein 距离。梯度惩罚把斜率拉向 1，R1 在"
        "数据处把斜率拉向 0，谱归一化则给每一层设上限。"
    ),
    "lab lipschitz then": "在下面运行一个带梯度惩罚的评论家：斜率大于 1 处为蓝色，小于 1 处为橙色。",
    "lab lipschitz slider": "两线交点的位置",
    "lab dirac title": "会收敛吗？",
    "lab dirac question": (
        "最小的 GAN：一个真实点在 0，一个生成点在 θ，D(x) = ψx。从 (θ, ψ) = (1, 1) 出发，用极小极大损失。每一步 D 先"
        "走，G 后走，都用普通梯度下降，学习率 h = 0.1。500 步之后离目标 (0, 0) 还有多远？"
    ),
    "lab dirac choices": "到达目标|与出发时差不多|越飞越远",
    "lab dirac answer": (
        "{minimax}，而出发时是 {start}：它在绕圈；如果双方同时走，就会越飞越远，到 {together}。加上 R1 "
        "是 {r1}；不加惩罚时，非饱和损失到 {non-saturating}，"
        "Wasserstein 停在 {wasserstein}。在目标附近，双方各自的最佳动作互相抵消，惩罚项就像摩擦力，让转动停下来。"
    ),
    "lab dirac formula": (
        "先 ψ ← ψ − h ∂L<sub>D</sub>/∂ψ，再 θ ← θ − h ∂L<sub>G</sub>/∂θ；h = 0.1，R1 = γ ψ² / 2，γ = 1"
    ),
    "lab dirac caption": "500 步中的 θ：&emsp;[ink] 极小极大&emsp;[real] 非饱和&emsp;[fake] Wasserstein",
    "lab entropy title": "熵与惊奇",
    "lab entropy question": "抛一枚均匀的硬币，结果带来 1 比特的惊奇（自信息）。掷一个均匀的十面骰子，是多少比特？",
    "lab entropy answer": (
        "{value} 比特 = log₂ 10，即 {nats} nat。熵是平均惊奇，交叉熵是相信 q 的人的平均惊奇，KL 散度是信错了要付的代"
        "价；D 的对数损失就是一个交叉熵。把它降到最低，就得到极大似然估计：10 次抛出 7 次正面时 p = {coin}，点 0、1、"
        "5 对应均值为 {middle} 的高斯分布。"
    ),
    "lab entropy caption": "横轴是你相信的概率，纵轴的单位是比特：&emsp;[ink] 交叉熵&emsp;[soft] 熵",
    "lab entropy slider": "你相信正面的概率是",
    "lab entropy reading": "硬币正面的真实概率是 .7：熵 {entropy} 比特，你的交叉熵 {cross}，两者之差 KL 为 {kl}。",
    "lab conditional title": "指定标签",
    "lab conditional question": "现在把标签（岛的编号）也告诉 G 和 D。这样训练之后，G 按标签 3 生成的点会去哪里？",
    "lab conditional choices": "散布在整个环上|第 3 座岛|环的中心",
    "lab conditional answer": (
        "G 的点有 {share} 落在标签所指的岛上。D 同时看到点和标签，所以点再好，标签不对也算假的。没有一座岛会被遗忘，"
        "因为每个标签都会被问到。"
    ),
    "lab conditional then": "在下面运行，并在设置中选择标签。",
    "lab digits title": "回到数字",
    "lab digits question": "现在换成数字的图像，真实的和生成的。它们的 JS 散度（最大 .693）至少是多少？",
    "lab digits choices": "接近 0|最大值的三成左右|超过最大值的一半",
    "lab digits formula": "JS ≥ (V(D, G) + log 4) / 2，最大为 log 2 = .693",
    "lab digits answer": ("{models}去看看一次真实训练的损失、V 与它的下界，以及 D 和本页最优 D 怎么看你写的数字。"),
    "lab digits measured": (
        "这里已知最优 D 的模型（{count} 个）都不低于 {least}，这是最敏锐的最优 D 得出的：它看得到每一级灰度，而好的生成"
        "器露馅的地方，多半是真实数字没有、肉眼也看不见的灰度痕迹。本页最优 D 只看较粗的图像，得到的是至少 "
        "{coarse}。"
    ),
    "lab digits none": "最敏锐的最优 D 看得到每一级灰度，对它来说，即使是好模型也超过最大值的一半。",
    "lab digits bars": "[ink] 最敏锐的最优 D&emsp;[soft] 本页最优 D（只看较粗的图像）&emsp;满格为 .693",
    "lab digits training": "一次真实训练的损失",
    "lab digits discriminator": "D 怎么看你写的数字",
    "lab digits samples": "生成器画的数字",
}
